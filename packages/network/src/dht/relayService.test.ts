import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import BlindRelay from "blind-relay";
import HyperDHT from "hyperdht";
import type UdxStream from "udx-native/lib/stream";
import type { Connection } from "../connection.ts";
import { fromHex, toHex } from "../hex.ts";
import { relayTopic } from "../topics.ts";
import { startLocalDht } from "./localDht.ts";
import { Node } from "./node.ts";
import type { RelayPolicy } from "./relayService.ts";

/** A relaying node, and a way to make two peers that are relayed by it. */
async function relaying(t: TestContext, relay: RelayPolicy) {
  const dht = await startLocalDht();
  t.after(() => dht.close());
  const settings = { bootstrap: dht.bootstrap, host: "127.0.0.1" };
  const node = await Node.create({ ...settings, relay });
  t.after(() => node.close());
  const connections: Connection[] = [];
  await node.listen({ onConnection: (connection) => connections.push(connection), onFailure: () => {} });
  const peers = [new HyperDHT(settings), new HyperDHT(settings)] as const;
  for (const peer of peers) t.after(() => peer.destroy({ force: true }));
  const token = new Uint8Array(32).fill(3);
  const pair = async (): Promise<[UdxStream, UdxStream]> => {
    const ends = peers.map(async (peer, index) => {
      const control = peer.connect(fromHex(node.publicKey));
      control.on("error", () => {});
      const end = peer.createRawStream({});
      end.on("error", () => {});
      const client = new BlindRelay.Client(control, { id: control.publicKey });
      const request = client.pair(index === 0, Buffer.from(token), end);
      request.on("error", () => {});
      const [remoteId] = (await once(request, "data")) as [number];
      const { socket, remotePort, remoteHost } = control.rawStream as UdxStream;
      end.connect(socket, remoteId, remotePort, remoteHost);
      // The relay learns by a packet where each end is.
      const greeted = once(end, "data");
      end.write(Buffer.from("hello"));
      await greeted;
      end.resume();
      return end;
    });
    return Promise.all(ends) as Promise<[UdxStream, UdxStream]>;
  };
  return { node, settings, peers, connections, pair };
}

test("a relay is found by its topic, passes bytes on, and counts them for whoever sent them", async (t) => {
  const { node, settings, peers, pair } = await relaying(t, {});
  const seeker = await Node.create(settings);
  t.after(() => seeker.close());
  const found: string[] = [];
  for await (const { publicKey } of seeker.lookup(relayTopic())) found.push(publicKey);
  assert.deepEqual(found, [node.publicKey]);
  const [a, b] = await pair();
  const received = once(b, "data");
  a.write(Buffer.alloc(5_000, 1));
  await received;
  await sleep(1_200);
  const { pairs, bytesByPeer } = node.relayStatus!;
  const sent = peers.map((peer) => bytesByPeer.get(toHex(peer.defaultKeyPair.publicKey)) ?? 0) as [number, number];
  assert.equal(pairs, 1);
  assert.ok(sent[0] >= 5_000 && sent[0] < 20_000, String(sent));
  assert.ok(sent[1] < sent[0], String(sent));
});

test("a peer that has sent its share of the hour has nothing more passed on, and is turned away", async (t) => {
  const { pair } = await relaying(t, { maxBytesPerPeerPerHour: 10_000 });
  const [a, b] = await pair();
  let received = 0;
  b.on("data", (bytes: Uint8Array) => {
    received += bytes.length;
  });
  for (let i = 0; i < 4; i++) a.write(Buffer.alloc(5_000, 1));
  await sleep(2_000);
  assert.equal(received, 20_000);
  a.write(Buffer.alloc(5_000, 1));
  await sleep(500);
  assert.equal(received, 20_000);
  const turnedAway = () => "turned away";
  const again = await Promise.race([pair().catch(turnedAway), sleep(1_000).then(turnedAway)]);
  assert.equal(again, "turned away");
});

test("more pairs than the policy allows are not relayed", async (t) => {
  const { node, pair } = await relaying(t, { maxPairs: 0 });
  assert.equal(await Promise.race([pair(), sleep(1_000, "no word comes through")]), "no word comes through");
  assert.equal(node.relayStatus!.pairs, 0);
});

test("a node that relays takes calls as any other", async (t) => {
  const { node, settings, connections } = await relaying(t, {});
  const buyer = await Node.create(settings);
  t.after(() => buyer.close());
  const connection = await buyer.connect(node.publicKey);
  assert.equal(connections[0]!.handshakeHash, connection.handshakeHash);
  assert.equal(node.relayStatus!.pairs, 0);
});

test("a guest that asks for pairs without end is cut off", async (t) => {
  const { node, peers } = await relaying(t, {});
  const control = peers[0].connect(fromHex(node.publicKey));
  control.on("error", () => {});
  const closed = new Promise((resolve) => control.once("close", resolve));
  const client = new BlindRelay.Client(control, { id: control.publicKey });
  for (let i = 0; i < 1_000; i++) {
    const end = peers[0].createRawStream({ framed: true });
    client
      .pair(true, Buffer.from(Uint32Array.of(i, ...new Array(7).fill(0)).buffer), end)
      .on("error", () => {})
      .resume();
  }
  await closed;
});
