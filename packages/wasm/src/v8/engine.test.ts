import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { type StatusName, statusName } from "@demec/protocol/execution";
import { request } from "../testing/request.ts";
import { run, statusOf } from "../testing/run.ts";
import { reactor, wat } from "../testing/wat.ts";
import { V8Engine } from "./engine.ts";

describe("every trap has its status", () => {
  const table =
    "(type $t (func)) (table 4 funcref) (elem (i32.const 0) $wrong) (func $wrong (result i32) (i32.const 0))";
  const cases: [StatusName, body: string, fields?: string][] = [
    ["unreachable", "unreachable"],
    ["memoryOutOfBounds", "(i64.load (i32.const 65530))"],
    ["memoryOutOfBounds", "(i64.load offset=4294967295 (i32.const -1))"],
    ["memoryOutOfBounds", "(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2)) (i64.const 0)"],
    [
      "memoryOutOfBounds",
      "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 4)) (i64.const 0)",
      `(data $d "abc")`,
    ],
    [
      "memoryOutOfBounds",
      "(data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (i64.const 0)",
      `(data $d "abc")`,
    ],
    ["memoryOutOfBounds", "(i64.const 0)", `(data (i32.const 65535) "abc")`],
    ["tableOutOfBounds", "(call_indirect (type $t) (i32.const 4)) (i64.const 0)", table],
    ["tableOutOfBounds", "(table.set (i32.const 4) (ref.null func)) (i64.const 0)", table],
    [
      "tableOutOfBounds",
      "(table.init $e (i32.const 0) (i32.const 0) (i32.const 2)) (i64.const 0)",
      `${table} (elem $e func $wrong)`,
    ],
    ["tableOutOfBounds", "(table.copy (i32.const 3) (i32.const 0) (i32.const 2)) (i64.const 0)", table],
    ["tableOutOfBounds", "(i64.const 0)", "(table 1 funcref) (elem (i32.const 1) $handle)"],
    ["indirectCallMismatch", "(call_indirect (type $t) (i32.const 0)) (i64.const 0)", table],
    ["indirectCallMismatch", "(call_indirect (type $t) (i32.const 1)) (i64.const 0)", table],
    ["divisionByZero", "(i64.div_s (i64.const 1) (i64.const 0))"],
    ["divisionByZero", "(i64.extend_i32_u (i32.rem_u (i32.const 1) (i32.const 0)))"],
    ["integerOverflow", "(i64.div_s (i64.const 0x8000000000000000) (i64.const -1))"],
    ["invalidConversion", "(i64.trunc_f64_s (f64.const nan))"],
    ["invalidConversion", "(i64.trunc_f64_s (f64.const 1e30))"],
    ["stackOverflow", "(call $handle (local.get 0) (local.get 1))"],
    ["outOfFuel", "(loop (br 0)) unreachable"],
    // Low word: length, high word: pointer.
    ["invalidResult", "(i64.const 65537)"],
    ["invalidResult", "(i64.const 0xffffffff00000001)"],
    ["outputLimitExceeded", "(i64.const 65536)"],
    ["ok", "(i64.const 0x0000ffff00000001)"],
  ];
  for (const [status, body, fields] of cases) {
    it(`${status}: ${body.slice(0, 60)}`, async () => {
      const call = request({ limits: { outputBytes: 1000, bitOps: 10n ** 7n } });
      assert.equal(await statusOf(reactor(body, fields), call), status);
    });
  }
});

describe("a reactor", () => {
  it("gets its input where alloc says and gives its output where handle says", async () => {
    const echo = reactor(
      "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))",
    );
    const input = Uint8Array.from({ length: 300 }, (_, i) => i);
    assert.deepEqual((await run(echo, request({ input }))).output, input);
    assert.deepEqual((await run(echo)).output.length, 0);
  });

  it("whose alloc points outside its memory ends as an invalid result", async () => {
    const module = wat(`(module (memory (export "memory") 1)
      (func (export "alloc") (param i32) (result i32) (i32.const 65530))
      (func (export "handle") (param i32 i32) (result i64) (i64.const 0)))`);
    assert.equal(await statusOf(module, request({ input: new Uint8Array(7) })), "invalidResult");
    assert.equal(await statusOf(module, request({ input: new Uint8Array(6) })), "ok");
  });

  it("runs in an instance of its own every time", async () => {
    const counting = reactor(
      "(i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1))) (i64.const 1)",
    );
    const module = await new V8Engine().compile(counting);
    for (let i = 0; i < 3; i++) assert.deepEqual([...module.run(request()).output], [1]);
  });

  it("finds its memory as the module describes it, whatever the last invocation did to it", async () => {
    // Reports size and two bytes, then dirties them, grows, and traps when its input says so.
    const module = await new V8Engine().compile(
      reactor(
        `(i32.store8 (i32.const 2) (memory.size))
         (i32.store8 (i32.const 3) (i32.load8_u (i32.const 100)))
         (i32.store8 (i32.const 4) (i32.load8_u (i32.const 65535)))
         (i32.store8 (i32.const 100) (i32.const 9)) (i32.store8 (i32.const 65535) (i32.const 9))
         (if (i32.load8_u (i32.const 1024)) (then (drop (memory.grow (i32.const 2))) (i32.store8 (i32.const 131072) (i32.const 9))))
         (if (i32.gt_u (i32.load8_u (i32.const 1024)) (i32.const 1)) (then unreachable))
         (i64.const 0x0000000200000003)`,
        `(data (i32.const 100) "\\07")`,
      ),
    );
    for (const mood of [0, 1, 0, 2, 0, 2, 1, 0]) {
      const { status, output } = module.run(request({ input: Uint8Array.of(mood) }));
      assert.deepEqual([statusName(status), ...output], mood === 2 ? ["unreachable"] : ["ok", 1, 7, 0]);
    }
  });

  it("runs its start function first, then _initialize, under the invocation's fuel", async () => {
    const body = "(i64.const 2)";
    const fields = `(func $s (i32.store8 (i32.const 0) (i32.const 1))) (start $s)
      (func (export "_initialize") (i32.store8 (i32.const 1) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1))))`;
    const outcome = await run(reactor(body, fields));
    assert.deepEqual([...outcome.output], [1, 2]);
    assert.ok(outcome.bitOps > (await run(reactor(body))).bitOps);
  });

  it("is not called as a command, nor a command as a reactor", async () => {
    await assert.rejects(run(reactor("(i64.const 0)"), request({ shape: "command" })), { code: "wasm/wrong-shape" });
  });
});

describe("an end that is the host's", () => {
  const recursive = (stackKilobytes: number) => {
    const script = `
      import { reactor } from ${JSON.stringify(new URL("../testing/wat.ts", import.meta.url))};
      import { statusOf } from ${JSON.stringify(new URL("../testing/run.ts", import.meta.url))};
      console.log(await statusOf(reactor("(call $handle (local.get 0) (local.get 1))")).catch((error) => error.code));`;
    const args = [
      "--no-warnings",
      `--stack-size=${stackKilobytes}`,
      "--liftoff-only",
      "--input-type=module",
      "-e",
      script,
    ];
    // Of this engine alone: another one would want more stack for itself.
    const env = { ...process.env, DEMEC_ENGINE: undefined };
    return execFileSync(process.execPath, args, { encoding: "utf8", env }).trim();
  };

  it("is a fault, never a status: an engine with less stack than the protocol needs", () => {
    assert.equal(recursive(80), "executor/host-failure");
  });

  it("does not come first where the stack is a browser worker's, of 500 kB", () => {
    assert.equal(recursive(500), "stackOverflow");
  });

  it("leaves no output and no trace for the next invocation", async () => {
    const module = await new V8Engine().compile(reactor("(i64.load (i32.const 65530))"));
    const first = module.run(request());
    assert.deepEqual(module.run(request()), first);
    assert.equal(statusName(first.status), "memoryOutOfBounds");
    assert.equal(first.output.length, 0);
  });
});
