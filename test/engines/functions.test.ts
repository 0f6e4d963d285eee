/** The example functions do the same on V8, on Wasmtime and in Chromium; the work they need is the exact edge in Node. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { statusName } from "@demec/protocol/execution";
import { makeFiles } from "@demec/protocol/files";
import { bakeScript } from "@demec/wasm";
import fc from "fast-check";
import { thumbnailInput } from "../../examples/functions/thumbnail/reference.ts";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { reactor } from "../../packages/wasm/src/testing/wat.ts";
import { buildFunctions, whyNotBuilt } from "../../scripts/build-functions.ts";
import { Both, repeatInChromium, skip } from "./support.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
const file = (path: string) => new Uint8Array(readFileSync(new URL(path, EXAMPLES)));
const load = (path: string) => Both.compile(file(`functions/${path}`));
const utf8 = (text: string) => new TextEncoder().encode(text);
const limits = { bitOps: 10n ** 10n, floatOps: 10n ** 10n, memoryPages: 2048, outputBytes: 1 << 24 };

describe("the example functions on both engines", { skip }, () => {
  before(() => buildFunctions());

  it("thumbnail, of the photograph and of what is no picture", async () => {
    const thumbnail = await load("thumbnail/build/thumbnail.wasm");
    const photo = file("assets/photo.ppm");
    for (const options of [{ width: 160 }, { width: 97, gray: true }, { width: 200, sharpen: true }, { width: 1 }]) {
      const outcome = thumbnail.assertEdge(request({ input: thumbnailInput(options, photo), limits }));
      assert.equal(statusName(outcome.status), "ok");
    }
    for (const input of ["", "160 blue\nP6\n1 1\n255\nabc", "0\nP6\n1 1\n255\nabc"]) {
      assert.equal(statusName(thumbnail.outcome(request({ input: utf8(input), limits })).status), "unreachable");
    }
  });

  it("thumbnail, cut short anywhere", async () => {
    const thumbnail = await load("thumbnail/build/thumbnail.wasm");
    const input = thumbnailInput({ width: 5, sharpen: true }, utf8(`P6\n9 9\n255\n${"abcdefghi".repeat(27)}`));
    const { bitOps, floatOps } = thumbnail.assertEdge(request({ input, limits }));
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: bitOps }), fc.bigInt({ min: 0n, max: floatOps }), (bits, floats) => {
        thumbnail.outcome(request({ input, limits: { ...limits, bitOps: bits, floatOps: floats } }));
      }),
    );
  });

  it("wordcount, with arguments, without, and with wrong ones", async () => {
    const wordcount = await load("wordcount/build/wordcount.wasm");
    const input = file("assets/text.txt");
    for (const args of [[], ["0"], ["20"], ["100000"], ["many"], ["20", "ü"]]) {
      wordcount.assertEdge(request({ shape: "command", input, args, env: [["LANG", "de"]], limits }));
    }
    // stderr is kept, also of a call that is cut short.
    const { stderr, bitOps } = wordcount.outcome(request({ shape: "command", args: ["many"], limits }));
    assert.ok(stderr.length > 0);
    for (let left = bitOps; left > 0n; left -= bitOps / 40n) {
      wordcount.outcome(request({ shape: "command", args: ["many"], limits: { ...limits, bitOps: left } }));
    }
  });

  it("the faulty ones", async () => {
    const trap = await load("faulty/build/trap.wasm");
    for (const input of [0, 20]) trap.outcome(request({ input: Uint8Array.of(input), limits }));
    const spin = await load("faulty/build/spin.wasm");
    assert.equal(statusName(spin.outcome(request({ limits: { ...limits, bitOps: 10n ** 7n } })).status), "outOfFuel");
  });

  const skipUnless = (output: string) => ({ skip: whyNotBuilt(output) ?? false });

  it("gzip, in C, at any effort and at none", skipUnless("gzip/build/gzip.wasm"), async () => {
    const gzip = await load("gzip/build/gzip.wasm");
    const input = file("assets/text.txt");
    for (const effort of ["1", "64", "none"]) {
      gzip.assertEdge(request({ shape: "command", input, args: [effort], limits }));
    }
  });

  it("csvstats, in Rust, of tables and of what is none", skipUnless("csvstats/build/csvstats.wasm"), async () => {
    const csvstats = await load("csvstats/build/csvstats.wasm");
    for (const table of ["a,b\n1,2.5\n-0,1e300\n", 'a\n"say ""no"""\n', "a,b\n1e999,NaN\n0.1,é\n", ""]) {
      csvstats.assertEdge(request({ shape: "command", input: utf8(table), limits }));
    }
  });

  it("JavaScript on QuickJS, with and without an error", skipUnless("javascript/build/javascript.wasm"), async () => {
    const runtime = await load("javascript/build/javascript.wasm");
    for (const script of [
      "print([3, 1, 2].sort().map((n) => Math.sin(n) / 3), Math.random(), Date.now())",
      "throw Error('lost')",
      "function f(n) { return 1 + f(n + 1) } f(0)",
    ]) {
      runtime.assertEdge(request({ shape: "command", args: [script], limits }));
    }
    const anagrams = bakeScript(
      file("functions/javascript/build/javascript.wasm"),
      file("functions/javascript/anagrams.js"),
    );
    (await Both.compile(anagrams)).assertEdge(request({ shape: "command", input: file("assets/text.txt"), limits }));
  });

  it("those that read and make files", async () => {
    for (const [path, input, tables] of [
      [
        "functions/join/build/join.wasm",
        "tea,3\nrum,4\n",
        { "tables/price": utf8("tea,1\n"), "tables/vat": utf8("rum,2") },
      ],
      ["functions/join/build/join.wasm", "tea,3\n", {}],
      ["functions/sort/build/sort.wasm", Array.from({ length: 700 }, (_, i) => `${(i * 7919) % 701}\n`).join(""), {}],
    ] as const) {
      if (whyNotBuilt(path.slice("functions/".length)) !== undefined) continue;
      const module = await Both.compile(file(path));
      module.assertEdge(request({ shape: "command", input: utf8(input), files: makeFiles(tables), limits }));
    }
  });

  it("refuse the same calls", async () => {
    const trap = await load("faulty/build/trap.wasm");
    assert.equal(trap.run(request({ shape: "command" })), "wasm/wrong-shape");
    const page = await Both.compile(reactor("(i64.const 0)"));
    assert.equal(page.run(request({ limits: { memoryPages: 0 } })), "wasm/memory-limit");
  });

  repeatInChromium();
});
