/**
 * Programs of npm do on Wasmtime and in Chromium what they do in Node: every call of an import, every result, every count
 * and the memory.
 * DEMEC_LONG=1 adds binaryen, 13 MB of it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { realWorkloads } from "../../bench/metering/realModules.ts";
import { Chromium, type CodeInBrowser, skipChromium } from "../support/chromium.ts";
import { play, skip } from "./player.ts";
import { record } from "./recorder.ts";
import type { Recording } from "./recording.ts";

const ROOT = join(import.meta.dirname, "../..");
const require = createRequire(join(ROOT, "package.json"));
const wasmRequire = createRequire(join(ROOT, "packages/wasm/package.json"));
const assemblyscriptRequire = createRequire(require.resolve("assemblyscript/package.json"));
const importFrom = (path: string) => import(pathToFileURL(path).href);

const bytes = (length: number, factor = 37) => Uint8Array.from({ length }, (_, i) => i * factor);
const salt = bytes(16);

/** Programs of hash-wasm: a module each, some of them two. */
const HASHES: Readonly<Record<string, (hash: typeof import("hash-wasm")) => Promise<unknown>>> = {
  argon2: (hash) =>
    hash.argon2id({ password: "p", salt, parallelism: 1, iterations: 2, memorySize: 256, hashLength: 32 }),
  bcrypt: (hash) => hash.bcrypt({ password: "p", salt, costFactor: 4 }),
  scrypt: (hash) => hash.scrypt({ password: "p", salt, costFactor: 64, blockSize: 4, parallelism: 1, hashLength: 32 }),
  blake3: (hash) => hash.blake3(bytes(50_000)),
  keccak: (hash) => hash.keccak(bytes(10_000)),
  ripemd160: (hash) => hash.ripemd160(bytes(10_000)),
  sha512: (hash) => hash.sha512(bytes(10_000)),
  whirlpool: (hash) => hash.whirlpool(bytes(10_000)),
  // Not xxhash128, which the tests themselves hash with: hash-wasm makes one instance of it for ever.
  xxhash64: (hash) => hash.xxhash64(bytes(10_000)),
  crc32: (hash) => hash.crc32(bytes(10_000)),
};

const emscripten = (path: string) => ({
  noInitialRun: true,
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), imports);
    done(instance);
    return instance.exports;
  },
});

async function webpDecoder(picture: Uint8Array) {
  const glue = require.resolve("@jsquash/webp/codec/dec/webp_dec.js");
  const { default: open } = await importFrom(glue);
  // The glue makes one of these, as browsers have them.
  Object.assign(globalThis, { ImageData: Array });
  const codec = await open(emscripten(join(dirname(glue), "webp_dec.wasm")));
  codec.decode(picture);
}

async function webpEncoder(): Promise<Uint8Array> {
  const glue = require.resolve("@jsquash/webp/codec/enc/webp_enc.js");
  const { defaultOptions } = await importFrom(require.resolve("@jsquash/webp/meta.js"));
  const { default: open } = await importFrom(glue);
  const codec = await open(emscripten(join(dirname(glue), "webp_enc.wasm")));
  return codec.encode(bytes(64 * 64 * 4, 41), 64, 64, defaultOptions);
}

const PROGRAMS: Record<string, () => unknown> = {
  ...Object.fromEntries(Object.entries(HASHES).map(([name, run]) => [name, async () => run(require("hash-wasm"))])),
  ...Object.fromEntries(
    realWorkloads().map(({ name, module, start }) => [
      name,
      async () => {
        const run = await start((imports) => new WebAssembly.Instance(new WebAssembly.Module(module), imports));
        run();
      },
    ]),
  ),
  webp: webpEncoder,
  webpDecoder: async () => webpDecoder((await webpEncoder()).slice()),
  wabt: async () => {
    const wabt = await (await importFrom(wasmRequire.resolve("wabt"))).default();
    const text = `(module (func (export "f") (param f64) (result f64) (f64.sqrt (local.get 0))))`;
    const module = wabt.parseWat("f.wat", text);
    module.validate();
    module.toBinary({});
    module.destroy();
  },
};
if (process.env.DEMEC_LONG === "1") {
  PROGRAMS.binaryen = async () => {
    const { default: binaryen } = await importFrom(assemblyscriptRequire.resolve("binaryen"));
    const module = new binaryen.Module();
    const sum = module.i32.add(module.local.get(0, binaryen.i32), module.i32.const(1));
    module.addFunction("f", binaryen.createType([binaryen.i32]), binaryen.i32, [], sum);
    module.addFunctionExport("f", "f");
    module.optimize();
    module.emitBinary();
  };
}

let chromium: Chromium;
let page: CodeInBrowser<typeof import("./pagePlayer.ts")>;
before(async () => {
  if (skipChromium) return;
  chromium = await Chromium.launch();
  page = await chromium.open(join(import.meta.dirname, "pagePlayer.ts"));
});
after(() => chromium?.[Symbol.asyncDispose]());

type Play = (recordings: readonly Recording[]) => Promise<number>;
const PLAYERS: readonly { engine: string; skip: string | false; play: Play }[] = [
  { engine: "Wasmtime", skip, play: async (recordings) => play(recordings) },
  { engine: "Chromium", skip: skipChromium, play: (recordings) => page.call("playAll", recordings) },
];

for (const [name, program] of Object.entries(PROGRAMS)) {
  describe(`${name} of npm does what it does in Node`, () => {
    let recordings: Recording[];
    before(async () => {
      recordings = await record(program);
      assert.ok(recordings.length > 0);
    });
    for (const { engine, skip, play } of PLAYERS) {
      it(engine, { skip }, async () => {
        const lines = recordings.reduce((sum, recording) => sum + recording.lines.length, 0);
        assert.equal(await play(recordings), lines);
      });
    }
  });
}

describe("programs are held to their recording: the player notices another result, count, argument or byte", () => {
  let recording: Recording;
  before(async () => {
    const md4 = () => (require("hash-wasm") as typeof import("hash-wasm")).md4(bytes(1000));
    recording = (await record(md4))[0]!;
  });
  for (const { engine, skip, play } of PLAYERS) {
    it(engine, { skip }, async () => {
      const { module, lines } = recording;
      const change = (letter: string, from: RegExp, to: string) => {
        const at = lines.findLastIndex((line) => line.startsWith(letter));
        return lines.with(at, lines[at]!.replace(from, to));
      };
      assert.equal(await play([recording]), lines.length);
      for (const [letter, from, to] of [
        ["K", /\d$/, "x"],
        ["W", /..$/, "77"],
        ["E", /.$/, "!"],
        ["R", /$/, " i:1"],
      ] as const) {
        await assert.rejects(play([{ module, lines: change(letter, from, to) }]), letter);
      }
    });
  }
});
