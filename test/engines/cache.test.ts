/** Compiled modules on disk. */
import assert from "node:assert/strict";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { WasmtimeEngine } from "@demec/wasmtime";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { reactor } from "../../packages/wasm/src/testing/wat.ts";
import { skip } from "./support.ts";

const module = (value: number) =>
  reactor(
    `(i32.store8 (i32.const 0) (i32.const ${value})) (i64.const 1)`,
    `(func (param f64) (drop (f64.sqrt (local.get 0))))`,
  );

describe("the cache of compiled modules", { skip }, () => {
  let folder = "";
  const files = () => readdirSync(folder).map((name) => join(folder, name));
  const result = async (value: number, cacheBytes?: number) => {
    const options = { cacheFolder: folder, ...(cacheBytes !== undefined && { cacheBytes }) };
    return (await new WasmtimeEngine(options).compile(module(value))).run(request()).output[0];
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "demec-cache-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("keeps one file a module, that other engines use", async () => {
    assert.equal(await result(1), 1);
    const [file] = files();
    const before = statSync(file!);
    assert.equal(await result(1), 1);
    assert.equal(await result(2), 2);
    assert.equal(files().length, 2);
    // Read, not written again.
    assert.equal(statSync(file!).ino, before.ino);
    assert.equal(before.mode & 0o777, 0o600);
  });

  it("compiles anew what is damaged or cut short", async () => {
    await result(1);
    const [file] = files();
    const whole = readFileSync(file!);
    for (const damaged of [
      whole.subarray(0, 1000),
      Buffer.alloc(0),
      whole.map((byte, i) => (i === 5000 ? ~byte : byte)),
    ]) {
      writeFileSync(file!, damaged);
      assert.equal(await result(1), 1);
    }
    assert.equal(Buffer.compare(readFileSync(file!), whole), 0);
  });

  it("stays within its bytes: what was not used for longest goes first", async () => {
    await result(1);
    const size = statSync(files()[0]!).size;
    for (const value of [2, 3, 1, 4]) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await result(value, size * 3.5);
    }
    assert.equal(files().length, 3);
    const before = files();
    // The first one is still there, because it was used again; reading it changes nothing.
    await result(1, size * 3.5);
    assert.deepEqual(files(), before);
  });

  it("is refused when anybody else may enter it, or when it is a link", () => {
    for (const mode of [0o755, 0o770, 0o701]) {
      chmodSync(folder, mode);
      assert.throws(() => new WasmtimeEngine({ cacheFolder: folder }), { code: "executor/no-engine" });
    }
    chmodSync(folder, 0o700);
    const link = join(folder, "link");
    symlinkSync(folder, link);
    assert.throws(() => new WasmtimeEngine({ cacheFolder: link }), { code: "executor/no-engine" });
  });
});
