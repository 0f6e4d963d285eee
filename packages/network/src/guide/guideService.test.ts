import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { encodeGuideMessage, type GuideMessage, type Hex } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import type { Connection } from "../connection.ts";
import { startLocalDht } from "../dht/localDht.ts";
import { Node } from "../dht/node.ts";
import { toHex } from "../hex.ts";
import { Mux, rawBytes } from "../mux.ts";
import { dialWebSocket } from "../transport/webSocketClient.ts";
import { GUIDE_PROTOCOL, type GuideLink } from "./guideLink.ts";
import type { GuidePolicy } from "./guideService.ts";
import { signRecord } from "./signables.ts";
import { hostileGuest } from "./testing.ts";
import { MAX_TUNNEL_PIECE_BYTES, type TunnelChannel } from "./tunnelChannel.ts";

const DOOR = { host: "127.0.0.1", port: 0 };

interface Guest {
  readonly publicKey: Hex;
  readonly link: GuideLink;
  /** What the guide has said. */
  readonly said: GuideMessage[];
  /** Waits for the end of a request. */
  readonly endOf: (id: number) => Promise<GuideMessage>;
}

/** A guide, and guests of it that keep what it says. */
async function guiding(t: TestContext, policy: GuidePolicy = {}) {
  const dht = await startLocalDht();
  const settings = { bootstrap: dht.bootstrap, host: "127.0.0.1" };
  const calls: Connection[] = [];
  const node = await Node.create({ ...settings, webSocket: DOOR, guide: policy });
  await node.listen({ onConnection: (connection) => calls.push(connection), onFailure: () => {} });
  const closers: (() => Promise<void>)[] = [];
  t.after(async () => {
    await Promise.all(closers.map((close) => close()));
    await node.close();
    await dht.close();
  });
  const guest = async (): Promise<Guest> => {
    const said: GuideMessage[] = [];
    const keyPair = NoiseSecretStream.keyPair();
    // It takes any tunnel, and says nothing.
    const handler = { onMessage: (message: GuideMessage) => void said.push(message), onTunnel() {} };
    const link = await hostileGuest(node.guide!, handler, keyPair);
    closers.push(() => link.close());
    const endOf = (id: number) =>
      until(`the end of request ${id}`, () =>
        said.find((one) => "id" in one && one.id === id && (one.type === "done" || one.type === "failed")),
      );
    return { publicKey: toHex(keyPair.publicKey), link, said, endOf };
  };
  const other = async () => {
    const made = await Node.create(settings);
    closers.push(() => made.close());
    await made.listen({ onConnection: () => {}, onFailure: () => {} });
    return made;
  };
  return { node, calls, guest, other };
}

/** Resolves with the code that a tunnel was refused with; null where it just ended. */
function ended(tunnel: TunnelChannel, onData: (bytes: Uint8Array) => void = () => {}): Promise<string | null> {
  return new Promise((onClosed) => {
    tunnel.events = { onData, onClosed, onCredit() {}, onEnd() {} };
  });
}

test("a guest that asks without end is answered as far as its allowance goes, and told no after that", async (t) => {
  const { guest } = await guiding(t);
  const { link, said, endOf } = await guest();
  const topic = new Uint8Array(32).fill(1);
  for (let id = 1; id <= 1_000; id++) link.send({ type: "lookup", id, topic, limit: 1 });
  await endOf(1_000);
  const refused = said.filter((message) => message.type === "failed");
  assert.ok(refused.length > 900, `${refused.length} of 1,000 were refused`);
  assert.deepEqual(
    new Set(refused.map((message) => "code" in message && message.code)),
    new Set(["network/guide-refused"]),
  );
});

test("a guest puts its own record only, and announces with its own signature only", async (t) => {
  const { guest, other } = await guiding(t);
  const { link, said, endOf } = await guest();
  const stranger = NoiseSecretStream.keyPair();
  link.send({ type: "put", id: 1, record: signRecord(Date.now(), new Uint8Array([1]), stranger) });
  assert.equal((await endOf(1)).type, "failed");
  const topic = new Uint8Array(32).fill(2);
  link.send({ type: "announce", id: 2, topic });
  const answer = setInterval(() => {
    for (const message of said.splice(0)) {
      if (message.type === "sign") link.send({ type: "signed", signId: message.signId, signature: new Uint8Array(64) });
      else said.push(message);
    }
  }, 1);
  t.after(() => clearInterval(answer));
  await endOf(2);
  const node = await other();
  for await (const { publicKey } of node.lookup(topic)) assert.fail(`${publicKey} got in unsigned`);
});

test("what a guest does wrong costs it its link, and the guide goes on", async (t) => {
  const { node, guest } = await guiding(t);
  const { link } = await guest();
  link.send({ type: "done", id: 1 });
  assert.equal((await link.closed).code, "network/closed");
  const { link: another, endOf } = await guest();
  another.send({ type: "read", id: 1, publicKey: new Uint8Array(32), isNewest: false });
  assert.equal((await endOf(1)).type, "done");
  assert.equal(node.guideStatus!.guests, 1);
});

test("a guest that asks and never greets takes up no place once it is gone", async (t) => {
  const { node } = await guiding(t);
  const stream = dialWebSocket(node.guide!.url, NoiseSecretStream.keyPair());
  stream.on("error", () => {});
  assert.ok(await stream.opened);
  const mux = Mux.of(stream);
  // Whoever refuses the channel of the greeting is turned away at once.
  mux.pair({ protocol: "demec" }, () => new Promise(() => {}));
  const channel = mux.createChannel({ protocol: GUIDE_PROTOCOL, ondrain() {}, onclose() {} })!;
  const message = channel.addMessage({ encoding: rawBytes, autoBatch: false, onmessage() {} });
  channel.open();
  message.send(encodeGuideMessage({ type: "read", id: 1, publicKey: new Uint8Array(32), isNewest: false }));
  await until("it is a guest", () => node.guideStatus!.guests === 1);
  stream.destroy();
  await until("its place is free", () => node.guideStatus!.guests === 0);
});

test("more guests and more tunnels than the policy allows are turned away", async (t) => {
  const { node, guest, other } = await guiding(t, { maxGuests: 1, maxTunnels: 1 });
  const target = await other();
  const [first, second] = [await guest(), await guest()];
  first.link.send({ type: "listen", id: 1 });
  assert.equal((await first.endOf(1)).type, "done");
  second.link.send({ type: "listen", id: 1 });
  assert.deepEqual(await second.endOf(1), { type: "failed", id: 1, code: "network/guide-refused" });
  const kept = first.link.channel(target.publicKey);
  const end = ended(kept);
  assert.equal(await ended(second.link.channel(target.publicKey)), "network/guide-refused");
  assert.equal(node.guideStatus!.tunnels, 1);
  kept.close();
  await end;
  await until("no tunnel is left", () => node.guideStatus!.tunnels === 0);
});

test("a tunnel to nobody is refused, and one to the guide itself is a connection of its own", async (t) => {
  const { node, calls, guest } = await guiding(t);
  const { link } = await guest();
  assert.equal(await ended(link.channel(`0x${"11".repeat(32)}`)), "network/unreachable");
  link.channel(node.publicKey).send(new Uint8Array(3));
  assert.deepEqual(calls, []);
  assert.equal(node.guideStatus!.tunnels, 0);
});

test("who sends beyond a tunnel's window, in pieces too long, after its end, or credits what was never sent, ends the tunnel and no other", async (t) => {
  const { guest } = await guiding(t);
  const [{ link }, target] = [await guest(), await guest()];
  target.link.send({ type: "listen", id: 1 });
  await target.endOf(1);
  const honest = link.channel(target.publicKey);
  let isHonestOpen = true;
  void ended(honest).then(() => {
    isHonestOpen = false;
  });
  const bytes = new Uint8Array(MAX_TUNNEL_PIECE_BYTES);
  for (const wrong of [
    (tunnel: TunnelChannel) => {
      for (let i = 0; i < 32; i++) tunnel.send(bytes);
    },
    (tunnel: TunnelChannel) => tunnel.credit(1),
    (tunnel: TunnelChannel) => tunnel.send(new Uint8Array(MAX_TUNNEL_PIECE_BYTES + 1)),
    (tunnel: TunnelChannel) => tunnel.send(new Uint8Array(0)),
    (tunnel: TunnelChannel) => {
      tunnel.end();
      tunnel.end();
    },
    (tunnel: TunnelChannel) => {
      tunnel.end();
      tunnel.send(bytes);
    },
  ]) {
    const tunnel = link.channel(target.publicKey);
    const end = ended(tunnel);
    wrong(tunnel);
    assert.equal(await end, "protocol/malformed");
  }
  assert.ok(isHonestOpen && !link.isClosed);
});

test("who has had its share of the hour passed on gets no more through", async (t) => {
  const share = 100_000;
  const { node, guest } = await guiding(t, { maxBytesPerPeerPerHour: share });
  const [sender, listener] = [await guest(), await guest()];
  listener.link.send({ type: "listen", id: 1 });
  await listener.endOf(1);
  const tunnel = sender.link.channel(listener.publicKey);
  const end = ended(tunnel);
  for (let sent = 0; sent <= share; sent += 10_000) tunnel.send(new Uint8Array(10_000));
  assert.equal(await end, "network/guide-refused");
  const [[, bytes]] = [...node.guideStatus!.bytesByPeer] as [[string, number]];
  assert.ok(bytes >= share && bytes < share + 20_000);
});
