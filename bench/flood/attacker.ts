// Somebody who wants to cost a provider something and pays nothing. Gets its task as JSON in argv[2], attacks for a while,
// says so as a line of JSON.
import { setPriority } from "node:os";
import { type Connection, Node } from "@demec/network";
import { bytesToHex } from "viem";
import type { AttackTask } from "./task.ts";

const REQUESTS = 64;
const task = JSON.parse(process.argv[2]!) as AttackTask;
const random = (bytes: number) => bytesToHex(crypto.getRandomValues(new Uint8Array(bytes)));

function harass(connection: Connection): void {
  const { attack, serviceId, sessionId } = task;
  if (attack === "silent") return;
  for (let i = 1; i <= REQUESTS; i++) {
    if (attack === "garbage") {
      // Half of them name a session that there is, so that its signature is looked at.
      const named = i % 2 === 0 ? sessionId : random(32);
      const newest = { full: null, half: null };
      connection.send({ type: "attach", handle: i, sessionId: named, signature: `0x${random(64).slice(2)}1b`, newest });
    } else if (attack === "offers") {
      const buyer = random(20);
      connection.send({ type: "offerRequest", requestId: i, serviceId: BigInt(serviceId), buyer, credits: 10n ** 18n });
    } else {
      connection.send({ type: "session", handle: 1, message: { type: "cancel", callId: i } });
    }
  }
}

async function main(): Promise<void> {
  // It shares the processors with its victim: what it takes itself must not be what slows that down.
  setPriority(19);
  const node = await Node.create({ bootstrap: task.bootstrap, host: "127.0.0.1" });
  let attempts = 0;
  const started = performance.now();
  const attempt = async () => {
    try {
      harass(await node.connect(task.nodeKey, { timeoutMs: 5_000 }));
    } catch {
      // To be turned away is what an attacker has to expect.
    }
  };
  const waiting = new Set<Promise<void>>();
  for (let elapsed = 0; elapsed < task.seconds; elapsed = (performance.now() - started) / 1000) {
    for (; attempts < elapsed * task.connectionsPerSecond && waiting.size < 1_000; attempts++) {
      const one: Promise<void> = attempt().finally(() => waiting.delete(one));
      waiting.add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  console.log(JSON.stringify({ attempts }));
  process.exit(0);
}

await main();
