import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** Calls the function with this input, and gives its output. */
async function call(input) {
  const { instance } = await WebAssembly.instantiate(readFileSync("build/{{name}}.wasm"));
  const { memory, alloc, handle } = instance.exports;
  const bytes = new TextEncoder().encode(input);
  const pointer = alloc(bytes.length);
  new Uint8Array(memory.buffer, pointer, bytes.length).set(bytes);
  const place = handle(pointer, bytes.length);
  const [at, length] = [Number(BigInt.asUintN(32, place >> 32n)), Number(BigInt.asUintN(32, place))];
  return new TextDecoder().decode(new Uint8Array(memory.buffer, at, length));
}

test("shouts what it is given", async () => {
  assert.equal(await call("hello, edge"), "HELLO, EDGE");
});
