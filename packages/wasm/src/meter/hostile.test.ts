import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type StatusName, statusName } from "@demec/protocol/execution";
import { body, command, repeat } from "../testing/binary.ts";
import { request } from "../testing/request.ts";
import { run } from "../testing/run.ts";
import { reactor } from "../testing/wat.ts";
import type { ByteWriter } from "./bytes.ts";
import { meter } from "./meter.ts";

const call = request({ shape: "command", limits: { bitOps: 10_000_000n, floatOps: 10_000_000n } });
const nothing = () => {};
const BLOCK = [0x02, 0x40];
const LOOP = [0x03, 0x40];
const IF = [0x41, 0, 0x04, 0x40];
const END = 0x0b;

describe("a module that would keep a compiler busy is refused for it before anything compiles it:", () => {
  const bombs: [limit: string, shape: string, module: () => Uint8Array][] = [
    ["mergedValues", "many locals through many ifs", () => command([body(20_000, repeat(20_000, ...IF, END))])],
    ["mergedValues", "many locals through many loops", () => command([body(20_000, repeat(20_000, ...LOOP, END))])],
    ["mergedValues", "many locals through deep ifs", () => command([body(20_000, inside(4_000, IF, nothing))])],
    [
      "mergedValues",
      "many operands through many ifs",
      () =>
        command([
          body(0, (code) => {
            repeat(100_000, 0x41, 0)(code);
            repeat(100_000, ...IF, END)(code);
            repeat(100_000, 0x1a)(code);
          }),
        ]),
    ],
    [
      "mergedValues",
      "many locals through wide branch tables",
      () =>
        command([
          body(
            5_000,
            inside(
              1,
              BLOCK,
              branchTable(60_000, () => 0),
            ),
          ),
        ]),
    ],
    [
      "moduleMergedValues",
      "a little less in many functions",
      () => command(Array.from({ length: 20 }, () => body(2_000, repeat(1_000, ...IF, END)))),
    ],
    [
      "moduleLocals",
      "many locals in many functions",
      () => command(Array.from({ length: 1_000 }, () => body(20_000, nothing))),
    ],
    ["functionBytes", "one giant function", () => command([body(0, repeat(700_000, 0x41, 0, 0x1a))])],
    [
      "branchTableTargets",
      "a giant branch table",
      () =>
        command([
          body(
            0,
            inside(
              1,
              BLOCK,
              branchTable(70_000, () => 0),
            ),
          ),
        ]),
    ],
    ["nesting", "blocks inside one another", () => command([body(0, inside(6_000, BLOCK, nothing))])],
  ];
  for (const [limit, shape, module] of bombs) {
    it(`${limit}: ${shape}`, () => {
      assert.throws(
        () => meter(module()),
        (error: { code?: string; details?: { name?: string } }) => {
          assert.equal(error.code, "wasm/over-limit");
          assert.equal(error.details?.name, limit);
          return true;
        },
      );
    });
  }
});

describe("a module that is large within the limits runs, and the next call after it too:", () => {
  const modules: [StatusName, shape: string, module: () => Uint8Array][] = [
    [
      "ok",
      "a branch table of 60,000 targets over 60 blocks",
      () =>
        command([
          body(
            0,
            inside(
              60,
              BLOCK,
              branchTable(60_000, (i) => i % 60),
            ),
          ),
        ]),
    ],
    [
      "ok",
      "ten branch tables of 60,000 targets",
      () =>
        command([
          body(
            0,
            times(
              10,
              inside(
                1,
                BLOCK,
                branchTable(60_000, () => 0),
              ),
            ),
          ),
        ]),
    ],
    ["ok", "blocks 4,900 deep", () => command([body(0, inside(4_900, BLOCK, nothing))])],
    ["ok", "20,000 locals", () => command([body(20_000, repeat(150, ...IF, END))])],
    [
      "ok",
      "two megabytes of straight code",
      () => command([body(1, repeat(290_000, 0x20, 0, 0x20, 0, 0x85, 0x21, 0))]),
    ],
    [
      "ok",
      "100,000 functions",
      () => command(Array.from({ length: 100_000 }, (_, i) => body(0, i === 0 ? repeat(1, 0x10, 1) : nothing))),
    ],
    [
      "ok",
      "half a million calls of an empty function",
      () => command([body(0, repeat(500_000, 0x10, 1)), body(0, nothing)]),
    ],
    [
      "outOfFuel",
      "functions that call one another exponentially",
      () => command(Array.from({ length: 60 }, (_, i) => body(0, i === 59 ? nothing : repeat(8, 0x10, i + 1)))),
    ],
    ["stackOverflow", "a function that calls itself 28 times", () => command([body(0, repeat(28, 0x10, 0))])],
    ["stackOverflow", "recursion with 10,000 locals", () => command([body(10_000, repeat(1, 0x10, 0))])],
  ];
  const honest = reactor("(i64.const 0x0000040000000001)");
  for (const [status, shape, module] of modules) {
    it(shape, async () => {
      const bytes = module();
      const outcome = await run(bytes, call);
      assert.equal(statusName(outcome.status), status);
      assert.deepEqual(await run(bytes, call), outcome);
      assert.equal((await run(honest)).output.length, 1);
    });
  }
});

/** `write` inside `depth` blocks that each begin with `open`. */
function inside(depth: number, open: readonly number[], write: (code: ByteWriter) => void) {
  return (code: ByteWriter) => {
    repeat(depth, ...open)(code);
    write(code);
    repeat(depth, END)(code);
  };
}

function times(count: number, write: (code: ByteWriter) => void) {
  return (code: ByteWriter) => {
    for (let i = 0; i < count; i++) write(code);
  };
}

/** A br_table of `targets` targets and a default. */
function branchTable(targets: number, label: (i: number) => number) {
  return (code: ByteWriter) => {
    code.raw(Uint8Array.of(0x41, 0, 0x0e));
    code.u32(targets);
    for (let i = 0; i <= targets; i++) code.u32(label(i));
  };
}
