import assert from "node:assert/strict";
import { test } from "node:test";
import { startLocalDht } from "./localDht.ts";
import { Node } from "./node.ts";

const TOPIC = new Uint8Array(32);

test("a DHT that does not answer is told as such, not as nobody found", async () => {
  const dht = await startLocalDht({ nodes: 1 });
  const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1" });
  await dht.close();
  const lookup = async () => {
    for await (const _ of node.lookup(TOPIC));
  };
  const unreachable = { code: "network/unreachable" };
  await Promise.all([
    assert.rejects(lookup(), unreachable),
    assert.rejects(node.announce(TOPIC), unreachable),
    assert.rejects(node.connect(`0x${"11".repeat(32)}`), unreachable),
  ]);
  await node.close();
});

test("an address that is not this machine's can't be bound", async () => {
  await assert.rejects(Node.create({ bootstrap: [], host: "192.0.2.1" }), { code: "network/unreachable" });
});
