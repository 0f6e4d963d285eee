import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { WASI } from "node:wasi";

/** Runs the command on this input, and gives its output. */
async function run(input, ...args) {
  const folder = mkdtempSync(join(tmpdir(), "function-"));
  const [from, to] = ["input", "output"].map((name) => join(folder, name));
  writeFileSync(from, input);
  const [stdin, stdout] = [openSync(from), openSync(to, "w")];
  try {
    const wasi = new WASI({ version: "preview1", args: ["{{name}}", ...args], stdin, stdout, returnOnExit: true });
    const module = await WebAssembly.compile(readFileSync("build/{{name}}.wasm"));
    const exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
    return { exitCode, output: readFileSync(to, "utf8") };
  } finally {
    closeSync(stdin);
    closeSync(stdout);
    rmSync(folder, { recursive: true });
  }
}

test("shouts what it is given", async () => {
  assert.deepEqual(await run("hello, edge"), { exitCode: 0, output: "HELLO, EDGE" });
});
