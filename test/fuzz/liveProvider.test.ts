/**
 * A provider in a process of its own hears hundreds of thousands of hostile frames, on connections of strangers and in sessions that were
 * paid for, while an honest buyer goes on calling. DEMEC_INPUTS: how many frames, DEMEC_SEED: which.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { HostileNode, type RawPeer } from "@demec/network/testing";
import { encodeFrame, type Frame, type Hex, readBatch, sha256, signMessageOf } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import type { Service } from "@demec/sdk";
import fc from "fast-check";
import { privateKeyToAddress } from "viem/accounts";
import { arbitraryFrame } from "../../packages/protocol/src/wire/arbitraryFrame.ts";
import { BuyerPeer, NOTHING } from "../support/buyerPeer.ts";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LocalMarket, USD } from "../support/localMarket.ts";
import { openByHand } from "../support/openByHand.ts";
import { Mutator } from "./mutator.ts";
import { disorderly, HANDLE, orderly, UPLOADS } from "./streamScript.ts";

const INPUTS = Number(process.env.DEMEC_INPUTS ?? 100_000);
const SEED = Number(process.env.DEMEC_SEED ?? 20_261_122);
const FRAMES_A_BATCH = 100;
/** One frame in so many is malformed: such a one ends its connection. */
const MALFORMED_EVERY = 500;
/** Sessions of the hostile buyer, and what it says in each. */
const SESSIONS = 12;
const FRAMES_A_SESSION = 200;
/** Scripts of streams, each on a connection of its own; of each session so many. */
const SCRIPTS = Math.max(20, Math.min(INPUTS / 2_500, 2_000));
const SCRIPTS_A_SESSION = 20;
/** Most CPU that a hostile frame may cost the provider; milliseconds. */
const CPU_BOUND_MS = 1;
/** The provider's heap: what it kept of every hostile frame would soon fill it, and end the process. */
const HEAP_MEGABYTES = 128;
/** Most resident memory of the provider: the heap and what is outside it. */
const MEMORY_BOUND_BYTES = 640 << 20;

const skip = existsSync("/proc/self/stat") ? false : "there is no /proc to read a process's CPU and memory from";

let market: LocalMarket;
let provider: Awaited<ReturnType<LocalMarket["spawnProvider"]>>;
let service: Service;
let name: string;
const log: string[] = [];

/** CPU of a process so far in milliseconds, and its resident memory in bytes. */
function usageOf(pid: number): { readonly cpuMs: number; readonly rssBytes: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  // In ticks of 10 ms and pages of 4 KiB.
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, rssBytes: Number(fields[21]) * 4096 };
}

/** What a stranger may say without ending its connection: streams out of order, or of what nobody let in, end it. */
const ending = new Set(["hello", "goodbye", "streamOpen", "streamData"]);
const harmless = arbitraryFrame.filter(({ type }) => !ending.has(type));
const streams = fc
  .sample(arbitraryFrame, { numRuns: 2_000, seed: SEED })
  .filter(({ type }) => type.startsWith("stream"))
  .map((frame) => encodeFrame(frame));
const frames = fc.sample(harmless, { numRuns: 2_000, seed: SEED }).map((frame) => encodeFrame(frame));

/** @param frames of less than 64 KiB each */
function batchOf(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    frames.flatMap((frame) =>
      frame.length < 0xfd
        ? [Uint8Array.of(frame.length), frame]
        : [Uint8Array.of(0xfd, frame.length & 255, frame.length >> 8), frame],
    ),
  );
}

/** Waits until the provider has heard all that was said before: true; or has ended the connection. */
function heard(peer: RawPeer, nonce: number): Promise<boolean> {
  const pong = hear(peer, (frame) => frame.type === "pong" && frame.nonce === nonce);
  peer.sendFrame({ type: "ping", nonce });
  return pong;
}

/** Takes a session up on a connection of its own. */
async function attach(peer: RawPeer, sessionId: Hex, sessionPrivateKey: Hex): Promise<void> {
  const { chainId, escrow } = market.deployment;
  const channel = new TextEncoder().encode("deMEC channel v1");
  const handshakeHash: Hex = `0x${Buffer.from(sha256(channel, peer.stream.handshakeHash)).toString("hex")}`;
  const proof = { sessionId, handshakeHash };
  const domain = { chainId, verifyingContract: escrow };
  const signature = signMessageOf(sessionPrivateKey, domain, "ChannelAttachment", proof);
  const attached = hear(peer, (frame) => frame.type === "attached");
  peer.sendFrame({ type: "attach", handle: HANDLE, sessionId, signature, newest: NOTHING });
  assert.ok(await attached, "the session is taken up");
}

/** Waits for a frame: true; or for the end of the connection. What comes meanwhile is gone. */
function hear(peer: RawPeer, isWanted: (frame: Frame) => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    void peer.closed.then(() => resolve(false));
    peer.onBatch = () => {
      for (const batch of peer.received.splice(0)) {
        readBatch(batch, 1 << 24, (frame) => {
          if (frame.type !== "unknown" && isWanted(frame)) resolve(true);
        });
      }
    };
  });
}

/** Calls one after the other until told to stop; returns how many were answered. */
function keepCalling(): () => Promise<number> {
  let isOver = false;
  const calling = (async () => {
    let calls = 0;
    while (!isOver) {
      const input = `honest ${calls++}`;
      assert.equal(new TextDecoder().decode(await service.call(input)), input.toUpperCase());
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return calls;
  })();
  calling.catch(() => {});
  return () => {
    isOver = true;
    return calling;
  };
}

describe("a provider under hostile frames", { skip }, () => {
  before(async () => {
    market = await LocalMarket.start();
    name = await market.publish(await compileShout());
    provider = await market.spawnProvider(
      { services: [name] },
      { onLog: (line) => log.push(line), env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MEGABYTES}` } },
    );
    const demec = await market.connect(await market.account({ usd: 100n * USD }));
    service = await demec.service(name, { budget: 10n * USD, sessionCredits: 5n * CREDIT });
    await service.call("warm");
  });
  after(() => market.stop());

  it(`hears ${INPUTS} of strangers at bounded cost and memory, and its buyers notice nothing (DEMEC_SEED=${SEED})`, async (t) => {
    const mutator = new Mutator(SEED);
    const stop = keepCalling();
    const pid = provider.process.child.pid!;
    const before = usageOf(pid);
    let connections = 0;
    const stranger = new HostileNode(market.network.bootstrap);
    try {
      let peer: RawPeer | undefined;
      for (let sent = 0, batches = 1; sent < INPUTS; sent += FRAMES_A_BATCH, batches++) {
        if (peer === undefined) {
          peer = await stranger.connect(provider.nodeKey);
          connections++;
        }
        const said = Array.from({ length: FRAMES_A_BATCH }, () =>
          mutator.below(MALFORMED_EVERY) === 0
            ? mutator.next(mutator.below(2) === 0 ? frames : streams)
            : mutator.pick(frames),
        );
        peer.send(batchOf(said));
        if (!(await heard(peer, batches))) peer = undefined;
      }
    } finally {
      await stranger.close();
    }
    const end = usageOf(pid);
    const calls = await stop();
    const cpuMs = (end.cpuMs - before.cpuMs) / INPUTS;
    t.diagnostic(
      `${connections} connections, ${cpuMs.toFixed(3)} ms CPU a frame with ${calls} calls, ${end.rssBytes >> 20} MiB resident`,
    );
    assert.ok(connections > 3, "some frames ended their connections");
    assert.ok(calls > 10);
    assert.ok(cpuMs <= CPU_BOUND_MS, `a hostile frame costs ${cpuMs} ms`);
    assert.ok(end.rssBytes <= MEMORY_BOUND_BYTES, `${end.rssBytes} bytes are resident`);
    assert.deepEqual(log, [], "no request of a stranger is the provider's error");
  });

  it("hears them in sessions that were paid for: those halt or go on, the others and their money are untouched", async (t) => {
    const mutator = new Mutator(SEED);
    const account = await market.account({ usd: 100n * USD });
    const demec = await market.connect(account);
    const hostile = await demec.service(name, { budget: 10n * USD });
    await hostile.buy(BigInt(SESSIONS) * CREDIT, 10n * USD);
    const { serviceId } = hostile.terms;
    const stop = keepCalling();
    const inSession = fc
      .sample(arbitraryFrame, { numRuns: 4_000, seed: SEED })
      .flatMap((frame) => (frame.type === "session" ? [frame.message] : []));
    let halted = 0;
    for (let i = 0; i < SESSIONS; i++) {
      const sessionPrivateKey: Hex = `0x${(i + 1).toString(16).padStart(64, "0")}`;
      const sessionKey = privateKeyToAddress(sessionPrivateKey);
      const order = { nodeKey: provider.nodeKey, buyer: account, serviceId, credits: CREDIT, sessionKey };
      const { sessionId } = await until("an opening", () => openByHand(market, order).catch(() => null));
      await BuyerPeer.with(market.nodeOptions, provider.nodeKey, async (peer) => {
        const domain = { chainId: market.deployment.chainId, verifyingContract: market.deployment.escrow };
        const attachment = peer.attachment(sessionPrivateKey, domain, sessionId);
        await until("attached", async () => typeof (await peer.attach(1, sessionId, attachment)) !== "string");
        const isOver = (frame: Frame) => frame.type === "refuse" && frame.regarding === "attach";
        const over = peer.take(isOver).then(
          () => true,
          () => true,
        );
        for (let sent = 0; sent < FRAMES_A_SESSION && !peer.connection.isClosed; sent++) {
          const message = mutator.pick(inSession);
          // Numbers that may mean something: of the first calls, of the next state.
          const named = "callId" in message ? { ...message, callId: mutator.below(8) } : message;
          peer.say(1, "seq" in named ? { ...named, seq: BigInt(mutator.below(3)) } : named);
        }
        const pause = new Promise<false>((resolve) => setTimeout(() => resolve(false), 500));
        if (await Promise.race([over, pause])) halted++;
      });
    }
    const calls = await stop();
    t.diagnostic(`${halted} of ${SESSIONS} sessions halted, ${calls} honest calls`);
    assert.ok(halted > 0);
    assert.ok(calls > 10);
    assert.equal(provider.process.child.exitCode, null);
    assert.deepEqual(
      log.filter((line) => !line.includes("session halted")),
      [],
    );
  });

  it(`hears ${SCRIPTS} times of streams in wrong orders, in sessions that were paid for: what is orderly is answered still`, async (t) => {
    const mutator = new Mutator(SEED);
    const account = await market.account({ usd: 100n * USD });
    const hostile = await (await market.connect(account)).service(name, { budget: 10n * USD });
    await hostile.buy(BigInt(Math.ceil(SCRIPTS / SCRIPTS_A_SESSION)) * CREDIT, 10n * USD);
    const { serviceId } = hostile.terms;
    const stop = keepCalling();
    const stranger = new HostileNode(market.network.bootstrap);
    const ends = { survived: 0, ended: 0 };
    try {
      let sessionPrivateKey: Hex = "0x";
      let sessionId: Hex = "0x";
      for (let i = 0; i < SCRIPTS; i++) {
        if (i % SCRIPTS_A_SESSION === 0) {
          sessionPrivateKey = `0x${(1_000 + i).toString(16).padStart(64, "0")}`;
          const sessionKey = privateKeyToAddress(sessionPrivateKey);
          const order = { nodeKey: provider.nodeKey, buyer: account, serviceId, credits: CREDIT, sessionKey };
          ({ sessionId } = await until("an opening", () => openByHand(market, order).catch(() => null)));
        }
        const peer = await stranger.connect(provider.nodeKey);
        await attach(peer, sessionId, sessionPrivateKey);
        const callIds = Array.from({ length: UPLOADS }, (_, upload) => (i % SCRIPTS_A_SESSION) * UPLOADS + upload);
        const isOrderly = i % 4 === 0;
        const script = isOrderly ? orderly(mutator, callIds) : disorderly(mutator, callIds);
        const open = new Set(callIds);
        // Their outputs are as long as their inputs: they are announced.
        const answered = hear(peer, (frame) => {
          if (frame.type !== "streamOpen" || frame.content.kind !== "result") return false;
          open.delete(frame.content.callId);
          return open.size === 0;
        });
        // Or it were taken for dead.
        const alive = setInterval(() => peer.sendFrame({ type: "ping", nonce: 0 }), 300);
        void peer.closed.then(() => clearInterval(alive));
        for (const frame of script) peer.send(batchOf([encodeFrame(frame)]));
        if (isOrderly) assert.ok(await answered, `script ${i} is answered`);
        else if (await heard(peer, i)) ends.survived++;
        else ends.ended++;
        peer.stream.destroy();
      }
    } finally {
      await stranger.close();
    }
    const calls = await stop();
    t.diagnostic(`${ends.ended} connections ended, ${ends.survived} went on, ${calls} honest calls`);
    assert.ok(ends.ended > 0 && ends.survived > 0);
    assert.ok(calls > 10);
    assert.ok(usageOf(provider.process.child.pid!).rssBytes <= MEMORY_BOUND_BYTES);
    assert.equal(provider.process.child.exitCode, null);
    assert.deepEqual(
      log.filter((line) => !line.includes("session halted")),
      [],
    );
  });

  it("settles with the honest buyer what it was paid for, and ends by SIGTERM", async () => {
    const progress = await service.close();
    assert.deepEqual(
      progress.map(({ type }) => type),
      ["settled"],
    );
    assert.equal(await provider.process.kill("SIGTERM"), 0);
  });
});
