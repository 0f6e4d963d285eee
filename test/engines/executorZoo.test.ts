/** Hostile modules through the executor, on every engine: contained, charged or refused alike, and of no harm to the next tenant. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isDemecError } from "@demec/protocol/errors";
import { STATUS, statusName } from "@demec/protocol/execution";
import { sha256 } from "@demec/protocol/sha256";
import { type EngineModule, Executor } from "@demec/wasm/node";
import { wasmtimeModule } from "@demec/wasmtime";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { reactor } from "../../packages/wasm/src/testing/wat.ts";
import { type Animal, ZOO } from "../../packages/wasm/src/testing/zoo.ts";
import { skip } from "./support.ts";

const ECHO = reactor(
  "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))",
);
const LIMITS = { bitOps: 2n * 10n ** 7n, floatOps: 10n ** 7n, memoryPages: 256, outputBytes: 1 << 20 };
const DEADLINE_MS = 30_000;
const seen = new Map<string, unknown>();

/** What became of it: everything that a receipt says, or the code of the refusal. */
async function visit(executor: Executor, { module, limits }: Animal): Promise<Record<string, unknown>> {
  const bytes = module();
  const moduleHash = sha256(bytes);
  try {
    const { shape } = await executor.load(moduleHash, bytes, "stranger");
    const call = request({ shape, limits: { ...LIMITS, ...limits } });
    const run = { moduleHash, request: call, deadlineMs: DEADLINE_MS, tenant: "stranger" };
    const { durationMs, stderr, ...outcome } = await executor.run(run);
    return { ...outcome, stderrBytes: stderr.length, end: statusName(outcome.status) };
  } catch (error) {
    if (!isDemecError(error)) throw error;
    return { end: error.code };
  }
}

function tour(name: string, engine: () => EngineModule | undefined, skipped: string | false): void {
  describe(`a zoo of hostile modules on ${name}`, { skip: skipped }, () => {
    let executor: Executor;
    before(() => {
      executor = new Executor({ lanes: 1, engine: engine(), loadDeadlineMs: DEADLINE_MS });
    });
    after(() => executor.close());

    for (const animal of ZOO) {
      it(`${animal.name}: ${animal.end}`, async () => {
        const { restarts } = executor.status();
        const first = await visit(executor, animal);
        assert.equal(first.end, animal.end);
        if (animal.output !== undefined) assert.deepEqual(first.output, animal.output);
        if (animal.end in STATUS) {
          assert.deepEqual(await visit(executor, animal), first);
          assert.ok(
            (first.bitOps as bigint) > 0n && (first.bitOps as bigint) <= (animal.limits?.bitOps ?? LIMITS.bitOps),
          );
        }
        assert.deepEqual(seen.get(animal.name) ?? first, first);
        seen.set(animal.name, first);

        const moduleHash = sha256(ECHO);
        await executor.load(moduleHash, ECHO, "next");
        const call = request({ input: Uint8Array.of(1, 2, 3) });
        const next = await executor.run({ moduleHash, request: call, deadlineMs: 5_000, tenant: "next" });
        assert.deepEqual(next.output, call.input);
        // Contained by the meter, not by ending a process.
        assert.equal(executor.status().restarts, restarts);
      });
    }
  });
}

tour("V8", () => undefined, false);
tour("Wasmtime", () => wasmtimeModule({ isEager: true }), skip);
