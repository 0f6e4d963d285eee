import { sha256 } from "../../packages/protocol/src/sha256.node.ts";
import { Executor } from "../../packages/wasm/src/node/executor.ts";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { reactor } from "../../packages/wasm/src/testing/wat.ts";
import { against, type Figure, median, round } from "../figures.ts";
import { ECHO } from "./echo.ts";

/** A module of about 500 kB: some five thousand functions with loops, branches, memory and float work. */
function largeModule(): Uint8Array {
  const functions = Array.from({ length: 5_200 }, (_, i) => {
    const callee = i === 0 ? "(local.get 0)" : `(call $f${i - 1} (i32.shr_u (local.get 0) (i32.const 1)))`;
    return `(func $f${i} (param i32) (result i32) (local i32 f64)
      (block (loop (br_if 1 (i32.ge_u (local.get 1) (i32.and (local.get 0) (i32.const 7))))
        (i32.store offset=${i * 8} (i32.const 0) (i32.add (local.get 1) (i32.load offset=${i * 4} (i32.const 0))))
        (local.set 2 (f64.add (local.get 2) (f64.mul (f64.convert_i32_u (local.get 1)) (f64.const ${i}.5))))
        (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br 0)))
      (if (result i32) (i32.eqz (local.get 0)) (then (i32.trunc_sat_f64_s (local.get 2)))
        (else (i32.add (i32.xor (local.get 1) (i32.const ${i * 7919})) ${callee}))))`;
  });
  return reactor(
    "(i64.extend_i32_u (i32.and (call $f5199 (i32.const 1000)) (i32.const 255)))",
    functions.join("\n"),
    "16",
  );
}

/** Bytes to result of a first call, in a child that is up, and of the same in V8 without meter and executor. */
export async function cold(): Promise<Figure[]> {
  const timesMs: number[] = [];
  const bareMs: number[] = [];
  const module = largeModule();
  const executor = new Executor({ lanes: 1 });
  try {
    await executor.load(sha256(ECHO), ECHO);
    for (let i = 0; i < 7; i++) {
      // Another module every time, by a custom section that says so.
      const bytes = Uint8Array.from([...module, 0, 3, 1, 0x78, i]);
      const moduleHash = sha256(bytes);
      const start = performance.now();
      await executor.load(moduleHash, bytes);
      await executor.run({
        moduleHash,
        request: request({ limits: { memoryPages: 16 } }),
        deadlineMs: 9_000,
        tenant: "b",
      });
      timesMs.push(performance.now() - start);
      const bare = performance.now();
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      (exports.handle as (at: number, length: number) => bigint)(0, 0);
      bareMs.push(performance.now() - bare);
    }
  } finally {
    await executor.close();
  }
  const note = `${module.length} bytes`;
  const call = { name: "coldCall500kBMs", value: round(median(timesMs), 1), unit: "ms", target: 100, note };
  return [
    against(call, "the same in V8, unmetered, no executor", round(median(bareMs), 1)),
    { name: "coldFirstEverMs", value: round(timesMs[0]!, 1), unit: "ms", target: null },
  ];
}
