import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ExecutionRequest, executionHash, inputBytes, outputHash } from "./execution.ts";
import { makeFiles } from "./files.ts";
import { decodeReceipt, encodeReceipt, RECEIPT_BYTES, type Receipt } from "./receipt.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
const text = fc.string({ maxLength: 8 });
const requests: fc.Arbitrary<ExecutionRequest> = fc.record({
  shape: fc.constantFrom("command", "reactor"),
  input: fc.uint8Array({ maxLength: 16 }),
  args: fc.array(text, { maxLength: 3 }),
  env: fc.array(fc.tuple(text, text), { maxLength: 3 }),
  files: fc.dictionary(fc.constantFrom("a", "b", "c/d", "c/e"), fc.uint8Array({ maxLength: 2 })).map(makeFiles),
  envSalt: bytes32,
  clockNs: uint64,
  seed: bytes32,
  limits: fc.record({
    bitOps: uint64,
    floatOps: uint64,
    memoryPages: fc.integer({ min: 1, max: 65536 }),
    outputBytes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  }),
});
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
/** A request as a plain value, so that two can be compared. */
const plain = (moduleHash: Uint8Array, request: ExecutionRequest) =>
  JSON.stringify([hex(moduleHash), request], (_, value) =>
    typeof value === "bigint" ? `${value}` : value instanceof Uint8Array ? hex(value) : value,
  );

test("an execution hash commits to everything that decides a deterministic execution", () => {
  // One field of the one in the other: the least difference that there can be.
  const fields = ["shape", "input", "args", "env", "files", "envSalt", "clockNs", "seed"] as const;
  const limits = ["bitOps", "floatOps", "memoryPages", "outputBytes"] as const;
  fc.assert(
    fc.property(requests, requests, bytes32, bytes32, (one, other, module, otherModule) => {
      const base = hex(executionHash(module, one));
      assert.equal(hex(executionHash(module, structuredClone(one))), base);
      const changed: [Uint8Array, ExecutionRequest][] = [
        [otherModule, one],
        ...fields.map((field): [Uint8Array, ExecutionRequest] => [module, { ...one, [field]: other[field] }]),
        ...limits.map((limit): [Uint8Array, ExecutionRequest] => [
          module,
          { ...one, limits: { ...one.limits, [limit]: other.limits[limit] } },
        ]),
      ];
      for (const [moduleHash, request] of changed) {
        const same = plain(moduleHash, request) === plain(module, one);
        assert.equal(hex(executionHash(moduleHash, request)) === base, same);
      }
    }),
  );
});

test("arguments and environment are hashed as what they are: nothing moves from one into the other or across a border", () => {
  fc.assert(
    fc.property(requests, fc.array(text, { maxLength: 4 }), fc.array(text, { maxLength: 4 }), (request, one, other) => {
      const of = (args: readonly string[], env: ExecutionRequest["env"]) =>
        hex(executionHash(new Uint8Array(32), { ...request, args, env }));
      const same = JSON.stringify(one) === JSON.stringify(other);
      assert.equal(of(one, []) === of(other, []), same);
      const pairs = (texts: readonly string[]) => texts.map((name): [string, string] => [name, ""]);
      assert.equal(of([], pairs(one)) === of([], pairs(other)), same);
      if (one.length > 0) assert.notEqual(of(one, []), of([], pairs(one)));
    }),
  );
});

test("files are hashed by path and content: nothing moves from one into another", () => {
  const bytes = fc.uint8Array({ maxLength: 3 });
  const trees = fc.dictionary(fc.constantFrom("a", "b", "ab", "c/d"), bytes);
  fc.assert(
    fc.property(requests, trees, trees, (request, one, other) => {
      const of = (files: Record<string, Uint8Array>) =>
        hex(executionHash(new Uint8Array(32), { ...request, files: makeFiles(files) }));
      const sorted = (files: Record<string, Uint8Array>) =>
        JSON.stringify(makeFiles(files).map(({ path, bytes }) => [path, hex(bytes)]));
      assert.equal(of(one) === of(other), sorted(one) === sorted(other));
    }),
  );
});

test("bytes count as usage, of files with their paths", () => {
  const files = makeFiles({ "d/größe": new Uint8Array(100), e: new Uint8Array(0) });
  fc.assert(
    fc.property(requests, (request) => {
      assert.equal(inputBytes({ ...request, files }) - inputBytes({ ...request, files: [] }), 9n + 100n + 1n);
    }),
  );
});

test("an output hash commits to exit code, output and stderr, each apart", () => {
  const outcomes = fc.record({
    exitCode: fc.integer({ min: 0, max: 3 }),
    output: fc.uint8Array({ maxLength: 4 }),
    stderr: fc.uint8Array({ maxLength: 4 }),
  });
  fc.assert(
    fc.property(outcomes, outcomes, (one, other) => {
      const same =
        one.exitCode === other.exitCode &&
        hex(one.output) === hex(other.output) &&
        hex(one.stderr) === hex(other.stderr);
      assert.equal(hex(outputHash(one)) === hex(outputHash(other)), same);
    }),
  );
});

test("a receipt's status is one of a closed list; what is none, or of another version, is no receipt", () => {
  const receipt: Receipt = {
    executionHash: new Uint8Array(32),
    outputHash: new Uint8Array(32),
    status: 0,
    breached: false,
    usage: { bitOps: 1n, floatOps: 2n, bytes: 3n, durationMs: 4, latencyMs: 5, pingMs: 6 },
  };
  assert.deepEqual(decodeReceipt(encodeReceipt(receipt)), receipt);
  for (let status = 0; status < 256; status++) {
    const encoded = encodeReceipt(receipt);
    encoded[65] = status;
    if (status <= 12) assert.equal(decodeReceipt(encoded).status, status);
    else assert.throws(() => decodeReceipt(encoded), { code: "protocol/malformed" });
  }
  for (let version = 0; version < 256; version++) {
    const encoded = encodeReceipt(receipt);
    encoded[0] = version;
    if (version !== 1) assert.throws(() => decodeReceipt(encoded), { code: "protocol/malformed" });
  }
  assert.throws(() => decodeReceipt(new Uint8Array(RECEIPT_BYTES + 1)), { code: "protocol/malformed" });
});
