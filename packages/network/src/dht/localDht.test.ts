import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@demec/protocol/testing";
import type { Address } from "../networkTypes.ts";
import { startLocalDht } from "./localDht.ts";
import { Node } from "./node.ts";

const MAIN = new URL("localDhtMain.ts", import.meta.url).pathname;

test("a local DHT is entered on the loopback address and ends without a trace", async () => {
  const dht = await startLocalDht({ nodes: 2 });
  assert.equal(dht.bootstrap[0]!.host, "127.0.0.1");
  await dht.close();
});

test("one that starts again where it was, and knows nothing any more, is told anew of nodes and their topics", async (t) => {
  const start = async (...args: string[]) => {
    const child = spawn(process.execPath, [MAIN, "--with-parent", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => child.kill("SIGKILL"));
    const [said] = await once(child.stdout, "data");
    return { child, bootstrap: JSON.parse(String(said)).bootstrap as Address[] };
  };
  const { child, bootstrap } = await start();
  const node = await Node.create({ bootstrap, host: "127.0.0.1" });
  t.after(() => node.close());
  await node.listen({ onConnection: () => {} });
  const topic = new Uint8Array(32).fill(7);
  await node.announce(topic);
  child.kill("SIGKILL");
  await once(child, "exit");
  await start("--port", `${bootstrap[0]!.port}`);

  const other = await Node.create({ bootstrap, host: "127.0.0.1" });
  t.after(() => other.close());
  const isFound = async () => {
    for await (const { publicKey } of other.lookup(topic)) if (publicKey === node.publicKey) return true;
    return false;
  };
  const isReached = () =>
    other.connect(node.publicKey).then(
      (connection) => connection.close().then(() => true),
      () => false,
    );
  await until("found by its topic", isFound, 30_000);
  await until("found by its key", isReached, 30_000);
});

test("a port that is taken is no place for it", async (t) => {
  const dht = await startLocalDht({ nodes: 1 });
  t.after(() => dht.close());
  const { port } = dht.bootstrap[0]!;
  await assert.rejects(startLocalDht({ nodes: 1, port }), {
    code: "network/unreachable",
    details: { host: "127.0.0.1", port },
  });
});

test("as a process with --with-parent it does not outlive a killed parent", async () => {
  const program = `
    const child = require("node:child_process").spawn(process.execPath, [${JSON.stringify(MAIN)}, "--with-parent"], { stdio: "pipe" });
    child.stdout.once("data", (line) => console.log(JSON.stringify({ pid: child.pid, line: String(line) })));
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await once(parent.stdout, "data");
  const { pid, line } = JSON.parse(String(said));
  assert.equal(JSON.parse(line).bootstrap[0].host, "127.0.0.1");
  parent.kill("SIGKILL");
  for (let waited = 0; waited < 5000 && isAlive(pid); waited += 50) await sleep(50);
  assert.ok(!isAlive(pid));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
