import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import releaseSync from "@jitl/quickjs-wasmfile-release-sync";
import { defaultOptions } from "@jsquash/webp/meta.js";
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSSyncVariant } from "quickjs-emscripten-core";
import type { Instantiate, Workload } from "./overhead.ts";

const require = createRequire(import.meta.url);
const { resolve } = require;
const bytesOf = (path: string) => new Uint8Array(readFileSync(path));

/** What Emscripten's glue calls to get its instance. */
function emscriptenHook(instantiate: Instantiate) {
  return (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
    const instance = instantiate(imports);
    done(instance);
    return instance.exports;
  };
}

const SCRIPT = `
  function Node(key, left, right) { this.key = key; this.left = left; this.right = right; }
  function insert(node, key) {
    if (node === null) return new Node(key, null, null);
    if (key < node.key) node.left = insert(node.left, key); else node.right = insert(node.right, key);
    return node;
  }
  let seed = 42, root = null, words = {}, sum = 0;
  const next = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff);
  for (let i = 0; i < 3000; i++) root = insert(root, next());
  for (let i = 0; i < 20000; i++) { const word = "w" + (next() % 500); words[word] = (words[word] || 0) + 1; }
  for (const word of Object.keys(words).sort()) sum = (sum * 31 + words[word]) | 0;
  const text = Array.from({ length: 500 }, (_, i) => "item " + i).join(",");
  sum += text.replace(/(\\d+)/g, "<$1>").length;
  for (let i = 0, x = 0.5; i < 60000; i++) { x = 3.7 * x * (1 - x); if (x > 0.5) sum++; }
  sum`;

function quickjs(): Workload {
  const path = join(dirname(resolve("@jitl/quickjs-wasmfile-release-sync")), "emscripten-module.wasm");
  return {
    name: "quickjs",
    module: bytesOf(path),
    async start(instantiate) {
      const emscriptenModule = { instantiateWasm: emscriptenHook(instantiate) };
      const engine = await newQuickJSWASMModuleFromVariant(
        newVariant(releaseSync as unknown as QuickJSSyncVariant, { emscriptenModule } as never),
      );
      return () => engine.evalCode(SCRIPT);
    },
  };
}

interface SqlDatabase {
  run(sql: string): void;
  exec(sql: string): unknown;
  close(): void;
}

function sqlite(): Workload {
  const glue = resolve("sql.js/dist/sql-wasm.js");
  type Open = (options: object) => Promise<{ Database: new () => SqlDatabase }>;
  return {
    name: "sqljs",
    module: bytesOf(join(dirname(glue), "sql-wasm.wasm")),
    async start(instantiate) {
      // The glue hands out its first instance for ever: load it anew.
      delete require.cache[glue];
      const { Database } = await (require(glue) as Open)({ instantiateWasm: emscriptenHook(instantiate) });
      return () => {
        const database = new Database();
        database.run("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL); CREATE INDEX i ON t (a)");
        database.run(`WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 6000)
          INSERT INTO t SELECT x, (x * 7919) % 1009, 'row ' || (x % 97), x * 0.25 FROM n`);
        const rows = database.exec(`SELECT a % 10, COUNT(*), SUM(c), MAX(b), AVG(LENGTH(b)) FROM t
          WHERE b LIKE '%1%' GROUP BY a % 10 ORDER BY 3 DESC;
          SELECT COUNT(*) FROM t x JOIN t y ON x.a = y.a + 1 WHERE x.c > y.c;
          UPDATE t SET c = c + 1 WHERE a BETWEEN 100 AND 300; SELECT SUM(c) FROM t`);
        database.close();
        return JSON.stringify(rows);
      };
    },
  };
}

function webp(): Workload {
  const glue = resolve("@jsquash/webp/codec/enc/webp_enc_simd.js");
  const width = 256;
  const pixels = new Uint8ClampedArray(width * width * 4);
  for (let i = 0; i < pixels.length; i++) {
    const x = (i >> 2) % width;
    const y = (i >> 2) / width;
    pixels[i] = 128 + 90 * Math.sin(x / (7 + (i & 3))) * Math.cos(y / 11) + ((x * 31 + y * 17) % 23);
  }
  return {
    name: "webpSimd",
    module: bytesOf(join(dirname(glue), "webp_enc_simd.wasm")),
    async start(instantiate) {
      const { default: open } = await import("@jsquash/webp/codec/enc/webp_enc_simd.js");
      const codec = await open({ instantiateWasm: emscriptenHook(instantiate), noInitialRun: true } as never);
      return () => {
        const encoded = codec.encode(pixels as never, width, width, defaultOptions as never) as Uint8Array;
        return encoded.reduce((sum, byte) => (sum * 31 + byte) | 0, encoded.length);
      };
    },
  };
}

/** Programs as npm carries them, through their own Emscripten glue. */
export function realWorkloads(): Workload[] {
  return [quickjs(), sqlite(), webp()];
}
