import assert from "node:assert/strict";
import { test } from "node:test";
import { creditsUp } from "@demec/protocol";
import { makeRequest } from "./request.ts";

const input = new TextEncoder().encode("input");
const SERVICE = { name: "thumbnail", shape: "reactor" } as const;
const LIMITS = { bitOps: 5n, floatOps: 6n, memoryPages: 7, outputBytes: 8 };

test("what a call leaves out is taken from the service, then from defaults; what it says counts", () => {
  const plain = makeRequest(input, {}, SERVICE);
  assert.deepEqual(
    [plain.args, plain.env, plain.files, plain.clockNs, plain.seed],
    [[], [], [], 0n, new Uint8Array(32)],
  );
  assert.deepEqual(makeRequest(input, {}, { ...SERVICE, limits: LIMITS }).limits, LIMITS);
  assert.deepEqual(makeRequest(input, { limits: { bitOps: 9n } }, { ...SERVICE, limits: LIMITS }).limits, {
    ...LIMITS,
    bitOps: 9n,
  });
  assert.equal(makeRequest(input, { shape: "command" }, SERVICE).shape, "command");
});

test("equal calls make equal requests, so that their receipts can be compared; an environment is blinded anew each time", () => {
  assert.deepEqual(makeRequest(input, { args: ["a"] }, SERVICE), makeRequest(input, { args: ["a"] }, SERVICE));
  const options = { env: { TOKEN: "secret" } };
  const [first, second] = [makeRequest(input, options, SERVICE), makeRequest(input, options, SERVICE)];
  assert.deepEqual(first.env, [["TOKEN", "secret"]]);
  assert.notDeepEqual(first.envSalt, second.envSalt);
});

test("files are put into the order that their hash wants; paths that lead anywhere else are refused before anything is sent", () => {
  const bytes = Uint8Array.of(1);
  const { files } = makeRequest(input, { files: { b: bytes, "a/c": bytes, ä: bytes } }, SERVICE);
  assert.deepEqual(files, [
    { path: "a/c", bytes },
    { path: "b", bytes },
    { path: "ä", bytes },
  ]);
  for (const path of ["/etc/passwd", "../x", "a//b", ""]) {
    assert.throws(() => makeRequest(input, { files: { [path]: bytes } }, SERVICE), { code: "protocol/bad-files" });
  }
});

test("a service that does not say its shape needs a caller who does", () => {
  assert.throws(() => makeRequest(input, {}, { name: "mystery" }), { code: "sdk/unknown-shape", message: /"mystery"/ });
});

test("a call without limits fits what the default session leaves unsigned under the default tariff", () => {
  const { limits } = makeRequest(input, {}, SERVICE);
  // demec deploy: --tariff 0.0001,0.0002,0.001,0,0,0; a session of one credit leaves a tenth unsigned.
  const tariff = { a: 10n ** 14n, b: 2n * 10n ** 14n, c: 10n ** 15n, d: 0n, e: 0n, f: 0n };
  const usage = { bitOps: limits.bitOps, floatOps: limits.floatOps, durationMs: 0, latencyMs: 0, pingMs: 0 };
  assert.ok(creditsUp(tariff, { ...usage, bytes: BigInt(limits.outputBytes) + 1_000_000n }) <= 10n ** 17n);
});
