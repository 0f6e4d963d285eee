/** Functions in C, in Rust, in JavaScript, and the template. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { type ExecutionOutcome, statusName } from "@demec/protocol/execution";
import { bakeScript, type CompiledModule, V8Engine } from "@demec/wasm";
import fc from "fast-check";
import { buildFunctions, whyNotBuilt } from "../../scripts/build-functions.ts";
import { csvstats } from "./csvstats/reference.ts";
import { anagrams } from "./javascript/reference.ts";
import { file, load, request, utf8 } from "./testing/load.ts";

const GZIP = "gzip/build/gzip.wasm";
const CSVSTATS = "csvstats/build/csvstats.wasm";
const JAVASCRIPT = "javascript/build/javascript.wasm";
/** Why the tests of a function are left out, which `REQUIRE_ALL` counts as a failure. */
const skipping = (output: string) => ({ skip: whyNotBuilt(output) ?? false });
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

function runCommand(module: CompiledModule, input: Uint8Array | string, ...args: string[]): ExecutionOutcome {
  const bytes = typeof input === "string" ? utf8(input) : input;
  return module.run(request({ shape: "command", input: bytes, args }));
}

before(() => buildFunctions());

describe("the template", () => {
  it("reverses any bytes", async () => {
    const module = await load("template/build/template.wasm");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
        assert.deepEqual(module.run(request({ input })).output, input.slice().reverse());
      }),
    );
  });
});

describe("gzip, in C", skipping(GZIP), () => {
  it("makes a file of any bytes from which they come back", async () => {
    const module = await load(GZIP);
    const repetitive = fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.integer({ min: 1, max: 60 })), { maxLength: 30 })
      .map(
        (parts) =>
          new Uint8Array(
            parts.flatMap(([bytes, times]) =>
              Array(times)
                .fill([...bytes])
                .flat(),
            ),
          ),
      );
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 2000 }), repetitive),
        fc.constantFrom("1", "8", "64"),
        (input, effort) => {
          const outcome = runCommand(module, input, effort);
          assert.equal(statusName(outcome.status), "ok");
          assert.deepEqual(new Uint8Array(gunzipSync(outcome.output)), input);
        },
      ),
    );
  });

  it("finds matches over its whole window, of every length", async () => {
    const module = await load(GZIP);
    let state = 1;
    const noise = (length: number) =>
      Uint8Array.from({ length }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      });
    for (const distance of [1, 2, 255, 256, 257, 32_767, 32_768, 32_769, 70_000]) {
      const part = noise(Math.min(distance, 600));
      const input = new Uint8Array(Buffer.concat([part, noise(distance - part.length), part, noise(5)]));
      const { output } = runCommand(module, input);
      assert.deepEqual(new Uint8Array(gunzipSync(output)), input);
    }
    for (let length = 3; length <= 300; length++) {
      const part = noise(length);
      const input = new Uint8Array(Buffer.concat([part, Uint8Array.of(0), part]));
      assert.deepEqual(new Uint8Array(gunzipSync(runCommand(module, input).output)), input);
    }
  });

  it("makes a text less than half as long, and no longer for more effort", async () => {
    const module = await load(GZIP);
    const text = file("../assets/text.txt");
    const lengths = ["1", "32", "1024"].map((effort) => runCommand(module, text, effort).output.length);
    assert.ok(lengths[1]! < text.length / 2, `${lengths} of ${text.length}`);
    assert.ok(lengths[0]! >= lengths[1]! && lengths[1]! >= lengths[2]!, String(lengths));
  });

  it("says on stderr, with exit code 2, that its effort is none", async () => {
    const module = await load(GZIP);
    for (const effort of ["", "0", "5000", "8x", "-1"]) {
      const outcome = runCommand(module, "text", effort);
      assert.deepEqual([statusName(outcome.status), outcome.exitCode], ["exitCode", 2], effort);
      assert.match(textOf(outcome.stderr), /effort must be/);
    }
  });
});

/**
 * Text whose long numbers are written as JavaScript does: of two shortest decimals that are equally close to a double, such as
 * -616233044587111.25, JavaScript takes the even one and Rust the greater.
 */
function withTiesBroken(text: string): string {
  return text.replace(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, (number) =>
    number.length > 15 ? String(Number(number)) : number,
  );
}

describe("csvstats, in Rust", skipping(CSVSTATS), () => {
  it("prints what its reference prints for any table", async () => {
    const module = await load(CSVSTATS);
    const field = fc.oneof(
      fc.double().map(String),
      fc.integer().map((value) => ` ${value} `),
      fc.constantFrom(
        "",
        "1e5",
        "+.5",
        "5.",
        ".",
        "e",
        "1e999",
        "-0",
        "0x10",
        "a b",
        '"a,b"',
        '"say ""no"""',
        '"x\ny"',
        "é",
      ),
    );
    const table = fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(table, fc.constantFrom("\n", "\r\n"), fc.boolean(), (rows, lineEnd, isEnded) => {
        const text = rows.map((row) => row.join(",")).join(lineEnd) + (isEnded ? lineEnd : "");
        fc.pre(text !== "");
        assert.equal(withTiesBroken(textOf(runCommand(module, text).output)), withTiesBroken(csvstats(text)));
      }),
      { numRuns: 300, examples: [[[["n"], ["-616233044587111.2", "0"]], "\n", true]] },
    );
  });

  it("says on stderr, with exit code 2, what is no table", async () => {
    const module = await load(CSVSTATS);
    for (const [input, reason] of [
      [utf8(""), /table is empty/],
      [utf8('a\n"b'), /quote is not closed/],
      [Uint8Array.of(0xff), /not UTF-8/],
    ] as const) {
      const outcome = runCommand(module, input);
      assert.deepEqual([statusName(outcome.status), outcome.exitCode], ["exitCode", 2]);
      assert.match(textOf(outcome.stderr), reason);
    }
  });
});

describe("JavaScript as a function", skipping(JAVASCRIPT), () => {
  const bake = async (script: string) => new V8Engine().compile(bakeScript(file(JAVASCRIPT), utf8(script)));
  /** What a script prints. */
  const printed = async (script: string, input = "", ...args: string[]) => {
    const outcome = runCommand(await bake(script), input, ...args);
    assert.equal(statusName(outcome.status), "ok", textOf(outcome.stderr));
    return textOf(outcome.output);
  };

  it("runs the script of the example to what its reference gives", async () => {
    const text = textOf(file("../assets/text.txt"));
    const script = textOf(file("javascript/anagrams.js"));
    assert.equal(await printed(script, text), anagrams(text));
    assert.equal(await printed(script, text, "3"), anagrams(text, 3));
    assert.notEqual(anagrams(text), "[]\n");
  });

  it("computes any JSON as this engine does", async () => {
    const module = await bake("print(JSON.stringify(JSON.parse(stdin.text())))");
    fc.assert(
      fc.property(fc.json(), (text) => {
        // QuickJS reads some whole numbers beyond 2^64 a unit in the last place off (docs/functions.md).
        fc.pre(!/\d{17}/.test(text));
        assert.equal(textOf(runCommand(module, text).output), `${JSON.stringify(JSON.parse(text))}\n`);
      }),
    );
  });

  it("hands bytes through unchanged", async () => {
    const module = await bake("write(stdin.bytes())");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (input) => {
        assert.deepEqual(runCommand(module, input).output, input);
      }),
    );
  });

  it("takes the script from its first argument where none is baked in", async () => {
    const module = await load(JAVASCRIPT);
    const outcome = runCommand(module, "in", "print(stdin.text(), args.join('|'))", "a", "b");
    assert.equal(textOf(outcome.output), "in a|b\n");
    assert.equal(runCommand(module, "").exitCode, 2);
  });

  it("knows no time and no chance but the request's", async () => {
    const module = await bake("print(Date.now(), Math.random(), Math.random())");
    const draw = (parts: Parameters<typeof request>[0]) =>
      textOf(module.run(request({ shape: "command", ...parts })).output);
    const first = draw({ clockNs: 1_700_000_000_123_000_000n });
    assert.match(first, /^1700000000123 0\.\d+ 0\.\d+\n$/);
    assert.equal(draw({ clockNs: 1_700_000_000_123_000_000n }), first);
    assert.notEqual(draw({ clockNs: 1_700_000_000_123_000_000n, seed: new Uint8Array(32).fill(1) }), first);
  });

  it("runs promises to their end, and fails with one that nobody catches", async () => {
    assert.equal(await printed("(async () => { await 0; print(await Promise.all([1, 2])) })()"), "1,2\n");
    for (const script of ["(async () => { await 0; throw Error('lost') })()", "throw Error('lost')"]) {
      const outcome = runCommand(await bake(script), "");
      assert.deepEqual([statusName(outcome.status), outcome.exitCode], ["exitCode", 1]);
      assert.match(textOf(outcome.stderr), /lost/);
    }
  });

  it("can catch that its calls are nested too deep, whatever they are", async () => {
    const recursions = [
      "function f(n) { return 1 + f(n + 1) } f(0)",
      "const f = (a) => [a].map(f); f(1)",
      "const o = { toString() { return String(o) } }; String(o)",
      "const o = { get x() { return this.x } }; o.x",
      "class A { constructor() { new A() } } new A()",
      "const p = new Proxy({}, { get(t, k, r) { return r[k] } }); p.x",
      "const f = () => 'a'.replace(/a/, f); f()",
      "const f = () => [1, 2].sort(f); f()",
    ];
    for (const recursion of recursions) {
      const output = await printed(`try { ${recursion} } catch (error) { print(error.message) }`);
      assert.equal(output, "stack overflow\n", recursion);
    }
    assert.equal(await printed("function f(n) { return n ? 1 + f(n - 1) : 0 } print(f(180))"), "180\n");
  });
});
