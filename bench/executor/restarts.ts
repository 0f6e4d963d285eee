import { sha256 } from "../../packages/protocol/src/sha256.node.ts";
import { Executor } from "../../packages/wasm/src/node/executor.ts";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { reactor } from "../../packages/wasm/src/testing/wat.ts";
import { type Figure, median, round } from "../figures.ts";
import { ECHO } from "./echo.ts";

const SPIN = reactor("(loop (br 0)) unreachable");
const ROUNDS = 9;

/** From the death of the only child, in the middle of a call, to the answer of the call that waited behind it. */
export async function restarts(): Promise<Figure[]> {
  const timesMs: number[] = [];
  const executor = new Executor({ lanes: 1 });
  try {
    for (const module of [ECHO, SPIN]) await executor.load(sha256(module), module);
    const limits = { bitOps: 10n ** 15n };
    const run = (module: Uint8Array) =>
      executor.run({ moduleHash: sha256(module), request: request({ limits }), deadlineMs: 60_000, tenant: "b" });
    for (let i = 0; i < ROUNDS; i++) {
      await run(ECHO);
      // Time for the next spare child to start.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const endless = run(SPIN).catch(() => performance.now());
      const behind = run(ECHO);
      await new Promise((resolve) => setTimeout(resolve, 100));
      process.kill(executor.status().lanes[0]!.pid!, "SIGKILL");
      const killedAt = performance.now();
      await endless;
      await behind;
      timesMs.push(performance.now() - killedAt);
    }
  } finally {
    await executor.close();
  }
  return [
    { name: "restartMs", value: round(median(timesMs), 1), unit: "ms", target: 300 },
    { name: "restartMaxMs", value: round(Math.max(...timesMs), 1), unit: "ms", target: 300 },
  ];
}
