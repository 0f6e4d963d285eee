// The executor of browsers in Chromium: what it shares with Node's is tested there and in test/engines, here are its workers.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { copier } from "../../packages/wasm/src/testing/streams.ts";
import { reactor } from "../../packages/wasm/src/testing/wat.ts";
import { Chromium, type CodeInBrowser, EXECUTOR_WORKER, skipChromium } from "../support/chromium.ts";
import type { End } from "./pages/executor.ts";

const ECHO_BODY = "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))";
const ECHO = reactor(ECHO_BODY);
const SPIN = reactor("(loop (br 0)) unreachable");
/** Reports whether its memory could grow by as many pages as its input has bytes. */
const GROW = reactor("(i32.store8 (i32.const 0) (i32.ne (memory.grow (local.get 1)) (i32.const -1))) (i64.const 1)");
const codeOf = (end: End | undefined) => (end !== undefined && "code" in end ? end.code : undefined);
const outputOf = (end: End | undefined) => (end !== undefined && "output" in end ? [...end.output] : codeOf(end));

describe("the executor of browsers", { skip: skipChromium }, () => {
  let chromium: Chromium;
  let page: CodeInBrowser<typeof import("./pages/executor.ts")>;
  before(async () => {
    chromium = await Chromium.launch();
    page = await chromium.open(join(import.meta.dirname, "pages/executor.ts"), {
      ...EXECUTOR_WORKER,
      "reachOut.js": join(import.meta.dirname, "pages/reachOut.ts"),
    });
  });
  after(() => chromium?.[Symbol.asyncDispose]());

  it("answers many calls at once, each with its own result, from views of larger buffers too", async () => {
    await page.call("open");
    const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => i);
    const calls = Array.from({ length: 300 }, (_, i) => ({ module: ECHO, input: bytes.subarray(i, i + 5) }));
    const ends = await page.call("callAll", calls);
    assert.deepEqual(
      ends.map(outputOf),
      calls.map(({ input }) => [...input]),
    );
  });

  it("ends an endless call at its deadline, within a worker's time to die, and runs what was behind it", async () => {
    await page.call("open");
    await page.call("callAll", [{ module: SPIN, deadlineMs: 1 }, { module: ECHO }]);
    const input = Uint8Array.of(1, 2, 3);
    const [late, ...others] = await page.call("callAll", [
      { module: SPIN, deadlineMs: 300 },
      ...Array.from({ length: 20 }, () => ({ module: ECHO, input })),
    ]);
    assert.equal(codeOf(late), "executor/deadline");
    assert.ok(late!.afterMs < 2_000, `${late!.afterMs} ms`);
    assert.deepEqual(others.map(outputOf), Array(20).fill([1, 2, 3]));
    assert.ok((await page.call("status")).restarts >= 1);
  });

  it("serves a tenant while another's endless calls fill every lane", async () => {
    await page.call("open", { lanes: 1 });
    await page.call("callAll", [{ module: ECHO }]);
    const [quiet, ...endless] = await page.call("callAll", [
      { module: ECHO, input: Uint8Array.of(9), tenant: "quiet" },
      ...Array.from({ length: 10 }, () => ({ module: SPIN, tenant: "loud", deadlineMs: 1_500 })),
    ]);
    assert.deepEqual(outputOf(quiet), [9]);
    assert.ok(quiet!.afterMs < 1_400, `${quiet!.afterMs} ms`);
    assert.deepEqual(endless.map(codeOf), Array(10).fill("executor/deadline"));
  });

  it("takes back a call that runs", async () => {
    await page.call("open");
    const [cancelled] = await page.call("callAll", [{ module: SPIN, cancelMs: 200 }]);
    assert.equal(codeOf(cancelled), "executor/cancelled");
    assert.deepEqual(outputOf((await page.call("callAll", [{ module: ECHO, input: Uint8Array.of(4) }]))[0]), [4]);
  });

  it("gives a program the memory that it may have here, and its own limit no less than in Node: more is a fault", async () => {
    await page.call("open", { maxMemoryPages: 100 });
    const grow = async (pages: number, memoryPages: number) => {
      const call = { module: GROW, input: new Uint8Array(pages), limits: { memoryPages } };
      return outputOf((await page.call("callAll", [call]))[0]);
    };
    assert.deepEqual(await grow(99, 200), [1]);
    assert.deepEqual(await grow(99, 99), [0]);
    assert.equal(await grow(100, 200), "executor/host-failure");
  });

  it("runs more modules than Chromium has addresses for their memories", async () => {
    await page.call("open");
    const modules = Array.from({ length: 200 }, (_, i) => reactor(ECHO_BODY, `(data (i32.const ${i}) "x")`));
    const ends = await page.call(
      "callAll",
      modules.map((module, i) => ({ module, input: Uint8Array.of(i) })),
    );
    assert.deepEqual(
      ends.map(outputOf),
      modules.map((_, i) => [i]),
    );
  });

  it("refuses what the meter refuses, with its code", async () => {
    await page.call("open");
    const [threads] = await page.call("callAll", [{ module: reactor("(i64.atomic.load (i32.const 0))") }]);
    assert.equal(codeOf(threads), "wasm/unsupported-feature");
    const [garbage] = await page.call("callAll", [{ module: Uint8Array.of(1, 2, 3) }]);
    assert.equal(codeOf(garbage), "wasm/invalid-module");
  });

  it("streams a command's output as it is written; one that nobody takes is a fault, not the page's memory", async () => {
    await page.call("open");
    const copy = copier(100_000);
    const streamed = await page.call("stream", copy, 5 << 20);
    assert.ok(typeof streamed !== "string", String(streamed));
    assert.deepEqual([streamed.inputBytes, streamed.stdoutBytes], [5 << 20, 5 << 20]);
    assert.deepEqual(streamed.stdoutHash, streamed.inputHash);
    assert.equal(await page.call("stream", copy, 40 << 20, 500), "executor/out-of-memory");
    const nothing = await page.call("stream", copy, 0);
    assert.ok(typeof nothing !== "string" && nothing.inputBytes === 0 && nothing.stdoutBytes === 0);
  });

  it("waits for a streamed input no longer than the call may take, and not at all for one that was taken back", async () => {
    await page.call("open");
    const copy = copier(100_000);
    const late = await page.call("streamFromSilence", copy, { deadlineMs: 300 });
    assert.deepEqual([codeOf(late), late.isLeft], ["executor/deadline", true]);
    assert.ok(late.afterMs >= 290 && late.afterMs < 2_000, `${late.afterMs} ms`);
    const cancelled = await page.call("streamFromSilence", copy, { deadlineMs: 20_000, cancelMs: 100 });
    assert.deepEqual([codeOf(cancelled), cancelled.isLeft], ["executor/cancelled", true]);
  });

  it("has no network in its workers, where they are served with the policy that docs/executor.md gives", async () => {
    const reached = await page.call("heard", "reachOut.js");
    assert.deepEqual(reached, { fetch: "kept in", import: "kept in", socket: "kept in" });
  });

  it("leaves no call unanswered when it is closed", async () => {
    await page.call("open");
    const [endless] = await Promise.all([
      page.call("callAll", [{ module: SPIN }]),
      new Promise((resolve) => setTimeout(resolve, 100)).then(() => page.call("close")),
    ]);
    assert.equal(codeOf(endless[0]), "executor/closed");
    assert.equal(codeOf((await page.call("callAll", [{ module: ECHO }]))[0]), "executor/closed");
  });
});
