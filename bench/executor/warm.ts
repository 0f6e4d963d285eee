import type { ExecutionRequest } from "../../packages/protocol/src/execution.ts";
import { sha256 } from "../../packages/protocol/src/sha256.node.ts";
import { Executor } from "../../packages/wasm/src/node/executor.ts";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { type Figure, median, round } from "../figures.ts";
import { ECHO } from "./echo.ts";

/** Calls of a module that has run before, through one child: many at a time, one at a time, and whether its memory stays. */
export async function warm(invocations: number): Promise<Figure[]> {
  const executor = new Executor({ lanes: 1 });
  try {
    const moduleHash = sha256(ECHO);
    await executor.load(moduleHash, ECHO);
    const call: ExecutionRequest = request({ input: new Uint8Array(256) });
    const run = () => executor.run({ moduleHash, request: call, deadlineMs: 10_000, tenant: "bench" });
    const latenciesUs: number[] = [];
    for (let i = 0; i < 12_000; i++) {
      const start = performance.now();
      await run();
      if (i >= 2_000) latenciesUs.push((performance.now() - start) * 1000);
    }
    const rss = () => executor.status().lanes[0]!.rssBytes;
    const rssAt10k = rss();
    const perSecond: number[] = [];
    for (let done = 0; done < invocations; ) {
      let left = 10_000;
      const start = performance.now();
      const worker = async () => {
        while (left-- > 0) await run();
      };
      await Promise.all(Array.from({ length: 64 }, worker));
      perSecond.push(10_000 / ((performance.now() - start) / 1000));
      done += 10_000;
    }
    return [
      {
        name: "warmInvocationsPerSecond",
        value: Math.round(median(perSecond)),
        unit: "1/s",
        target: 20_000,
        isLeast: true,
      },
      { name: "warmSequentialP50Us", value: round(median(latenciesUs), 1), unit: "µs", target: 120 },
      { name: "rssGrowthRatio", value: round(rss() / rssAt10k), unit: "end/at 10,000", target: 1.2 },
    ];
  } finally {
    await executor.close();
  }
}
