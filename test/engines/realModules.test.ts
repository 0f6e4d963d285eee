/**
 * Programs of npm do on Wasmtime what they do on V8: every call of an import, every result, every count and the memory.
 * DEMEC_LONG=1 adds binaryen, 13 MB of it.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { realWorkloads } from "../../bench/metering/realModules.ts";
import { COUNTERS, type Recording, record } from "./recorder.ts";
import { skip } from "./support.ts";

const ROOT = join(import.meta.dirname, "../..");
const REPLAY = join(ROOT, "packages/wasmtime/target/release/demec-wasmtime-replay");
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
  xxhash128: (hash) => hash.xxhash128(bytes(10_000)),
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

describe("programs of npm", {
  skip: skip || (!existsSync(REPLAY) && "pnpm build:wasmtime did not make the player"),
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "demec-replay-"));
  after(() => rmSync(folder, { recursive: true }));
  const files = ({ module, lines }: Recording) => {
    const paths = [join(folder, "module.wasm"), join(folder, "recording.txt")] as const;
    writeFileSync(paths[0], module);
    writeFileSync(paths[1], `${lines.join("\n")}\n`);
    return paths;
  };

  for (const [name, program] of Object.entries(PROGRAMS)) {
    it(`${name} does the same on both engines`, async () => {
      const recordings = await record(program);
      assert.ok(recordings.length > 0);
      for (const recording of recordings) {
        const played = execFileSync(REPLAY, [...files(recording), ...COUNTERS], { encoding: "utf8" });
        assert.equal(Number(played), recording.lines.length);
      }
    });
  }

  it("the player notices another result, count, argument or byte", async () => {
    const [recording] = await record(() => (require("hash-wasm") as typeof import("hash-wasm")).md4(bytes(1000)));
    const { module, lines } = recording!;
    const change = (letter: string, from: RegExp, to: string) => {
      const at = lines.findLastIndex((line) => line.startsWith(letter));
      return lines.with(at, lines[at]!.replace(from, to));
    };
    for (const changed of [
      change("K", /\d$/, "x"),
      change("W", /.$/, "!"),
      change("E", /.$/, "!"),
      change("R", /$/, " i:1"),
    ]) {
      assert.notDeepEqual(changed, lines);
      const { status, stderr } = spawnSync(REPLAY, [...files({ module, lines: changed }), ...COUNTERS]);
      assert.notEqual(status, 0, String(stderr));
    }
  });
});
