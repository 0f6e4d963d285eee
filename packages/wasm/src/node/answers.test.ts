import assert from "node:assert/strict";
import { it } from "node:test";
import { sha256 } from "@demec/protocol/sha256";
import { request } from "../testing/request.ts";
import { reactor } from "../testing/wat.ts";
import { Executor } from "./executor.ts";

const ECHO_BODY = "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))";
const limits = { bitOps: 10n ** 15n, memoryPages: 65_536 };

/** An executor of one child that has `module`, and trusts its calls to be short. */
async function withTrusted(
  module: Uint8Array,
  maxRssBytes: number,
  use: (call: (byte: number, deadlineMs?: number) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const executor = new Executor({ lanes: 1, maxRssBytes });
  try {
    const moduleHash = sha256(module);
    await executor.load(moduleHash, module);
    const call = (byte: number, deadlineMs = 20_000) =>
      executor.run({ moduleHash, request: request({ input: Uint8Array.of(byte), limits }), deadlineMs, tenant: "t" });
    for (let i = 0; i < 40; i++) await call(0);
    await use(call);
  } finally {
    await executor.close();
  }
}

it("no answer is held back while a call of the same batch takes long", () =>
  withTrusted(reactor(`(if (i32.load8_u (local.get 0)) (then (loop (br 0)))) ${ECHO_BODY}`), 2 ** 31, async (call) => {
    const started = performance.now();
    const early = Array.from({ length: 10 }, () => call(0));
    const long = assert.rejects(call(1, 5_000), { code: "executor/deadline" });
    await Promise.all(early);
    assert.ok(performance.now() - started < 4_000);
    await long;
  }));

it("of a batch only the call that kills the child fails", () => {
  const hog = reactor(
    `(local $i i32) (if (i32.load8_u (local.get 0)) (then
      (drop (memory.grow (i32.const 32768)))
      (loop $next
        (i32.store8 (local.get $i) (i32.const 1))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4096))) (i32.const 0x7f000000))))
      (loop (br 0)))) ${ECHO_BODY}`,
  );
  return withTrusted(hog, 400 << 20, async (call) => {
    const ends = await Promise.allSettled([0, 0, 0, 1, 0, 0].map((byte) => call(byte)));
    assert.deepEqual(
      ends.map((end) => (end.status === "fulfilled" ? "ok" : end.reason.code)),
      ["ok", "ok", "ok", "executor/out-of-memory", "ok", "ok"],
    );
  });
});
