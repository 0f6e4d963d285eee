import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startLocalDht } from "./localDht.ts";

const MAIN = new URL("localDhtMain.ts", import.meta.url).pathname;

test("a local DHT is entered on the loopback address and ends without a trace", async () => {
  const dht = await startLocalDht({ nodes: 2 });
  assert.equal(dht.bootstrap[0]!.host, "127.0.0.1");
  await dht.close();
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
