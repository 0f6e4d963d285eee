import assert from "node:assert/strict";
import { test } from "node:test";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import fc from "fast-check";
import { Duplex } from "streamx";
import { Connection } from "./connection.ts";
import { toHex } from "./hex.ts";
import { NoiseStream } from "./transport/noiseStream.ts";

// What somebody in the middle can do, such as a guide or a relay: Noise's own bytes go through his hands.

/** One end of a wire whose other end gets what `pass` makes of each piece. */
class Wire extends Duplex {
  readonly #pass: (bytes: Uint8Array) => Uint8Array[];
  other: Wire | undefined;

  constructor(pass: (bytes: Uint8Array) => Uint8Array[]) {
    super({ eagerOpen: true });
    this.#pass = pass;
  }

  override _write(data: Uint8Array, callback: (error: null) => void): void {
    for (const piece of this.#pass(data)) this.other!.push(piece);
    callback(null);
  }

  override _final(callback: (error: null) => void): void {
    this.other!.push(null);
    callback(null);
  }

  override _destroy(callback: (error: null) => void): void {
    this.other!.push(null);
    callback(null);
  }
}

interface Attack {
  readonly kind: "flip" | "drop" | "repeat" | "swap" | "inject" | "replay";
  /** Which piece it falls on. */
  readonly at: number;
  readonly byte: number;
  readonly junk: Uint8Array;
}

/** @returns what becomes of each piece of one direction, and whether the attack has come to pass */
function attacker({ kind, at, byte, junk }: Attack): { pass: (piece: Uint8Array) => Uint8Array[]; hit: () => boolean } {
  const seen: Uint8Array[] = [];
  let held: Uint8Array | undefined;
  let hit = false;
  const alter: Record<Attack["kind"], (piece: Uint8Array) => Uint8Array[]> = {
    flip: (piece) => {
      // Not of the length: to say that more is coming is to pass on nothing, which heartbeats are for.
      const index = 3 + (byte % Math.max(1, piece.length - 3));
      if (index < piece.length) piece[index]! ^= 1 << (byte % 8);
      return [piece];
    },
    drop: () => [],
    repeat: (piece) => [piece, piece],
    swap: (piece) => {
      held = piece;
      return [];
    },
    inject: (piece) => [Uint8Array.of(junk.length, 0, 0, ...junk), piece],
    replay: (piece) => [piece, seen[byte % seen.length]!],
  };
  return {
    hit: () => hit,
    pass(piece) {
      const copy = Uint8Array.from(piece);
      seen.push(copy);
      if (seen.length === at + 1) {
        hit = true;
        return alter[kind](Uint8Array.from(copy));
      }
      const pieces = held === undefined ? [copy] : [copy, held];
      held = undefined;
      return pieces;
    },
  };
}

const attacks = fc.record<Attack>({
  kind: fc.constantFrom("flip", "drop", "repeat", "swap", "inject", "replay"),
  at: fc.nat(12),
  byte: fc.nat(500),
  junk: fc.uint8Array({ minLength: 1, maxLength: 200 }),
});

const FRAMES = 8;
const ALIVE = { heartbeatMs: 20, deadAfterMs: 150 };

test("whatever somebody between two ends does to their bytes, nothing is delivered that was not sent, and the connection ends", async () => {
  await fc.assert(
    fc.asyncProperty(attacks, fc.boolean(), async (attack, towardsServer) => {
      const { pass, hit } = attacker(attack);
      const honest = (piece: Uint8Array) => [Uint8Array.from(piece)];
      const near = new Wire(towardsServer ? pass : honest);
      const far = new Wire(towardsServer ? honest : pass);
      [near.other, far.other] = [far, near];
      const serverKeys = NoiseSecretStream.keyPair();
      const server = new NoiseStream("tcp", false, far, { keyPair: serverKeys });
      const client = new NoiseStream("tcp", true, near, { keyPair: NoiseSecretStream.keyPair() });
      for (const stream of [server, client]) stream.on("error", () => {});
      const opened = await Promise.allSettled([
        Connection.open(client, ALIVE, { timeoutMs: 400 }, toHex(serverKeys.publicKey)),
        Connection.open(server, ALIVE, { timeoutMs: 400 }),
      ]);
      const [a, b] = opened.map((one) => (one.status === "fulfilled" ? one.value : undefined));
      const heard: number[] = [];
      const [sender, hearer] = towardsServer ? [a, b] : [b, a];
      hearer?.onMessage((frame) => {
        assert.ok(frame.type === "session" && frame.message.type === "cancel");
        heard.push(frame.message.callId);
      });
      for (let callId = 0; callId < FRAMES && sender !== undefined; callId++) {
        sender.send({ type: "session", handle: 1, message: { type: "cancel", callId } });
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      // Heartbeats go on: the attack falls on one of them at the latest, and the next one shows it.
      if (hearer !== undefined) await hearer.closed;
      assert.ok(hit());
      assert.deepEqual(heard, [...heard.keys()]);
      await Promise.all([a?.close(), b?.close()]);
    }),
    { numRuns: 60 },
  );
});
