import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hex } from "@demec/protocol";
import { createMerkleProof, createMPT } from "@ethereumjs/mpt";
import fc from "fast-check";
import { bytesToHex, hexToBytes, keccak256 } from "viem";
import { provedValue, trieNodes } from "./merkleProof.ts";

/** Keys of 32 bytes: hashes, and such as share all but their last bytes, so that short nodes stand in their parents. */
const keyArb = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((seed) => keccak256(seed)),
  fc
    .uint8Array({ minLength: 1, maxLength: 2 })
    .map((end) => bytesToHex(new Uint8Array([...new Uint8Array(32 - end.length), ...end]))),
);
const valueArb = fc.uint8Array({ minLength: 1, maxLength: 90 }).filter((value) => value.some((byte) => byte !== 0));
const entriesArb = fc.dictionary(keyArb, valueArb, { minKeys: 1, maxKeys: 60 });

async function trieOf(entries: Record<string, Uint8Array>) {
  const trie = await createMPT();
  for (const [key, value] of Object.entries(entries)) await trie.put(hexToBytes(key as Hex), value);
  return trie;
}

const proofOf = async (trie: Awaited<ReturnType<typeof trieOf>>, key: Hex) =>
  (await createMerkleProof(trie, hexToBytes(key))).map((node) => bytesToHex(node));

test("what a proof shows is what the trie holds, or that it holds nothing there", async () => {
  await fc.assert(
    fc.asyncProperty(entriesArb, keyArb, async (entries, stranger) => {
      const trie = await trieOf(entries);
      const root = bytesToHex(trie.root());
      for (const key of [...Object.keys(entries).slice(0, 8), stranger] as Hex[]) {
        const value = entries[key];
        const proof = await proofOf(trie, key);
        assert.equal(provedValue(trieNodes(proof), root, key), value === undefined ? null : bytesToHex(value));
      }
    }),
    { numRuns: 150 },
  );
});

test("a proof that was tampered with shows the truth or nothing", async () => {
  const tampering = fc.record({
    node: fc.nat(),
    how: fc.oneof(
      fc.constant("drop" as const),
      fc.record({ at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }),
      fc.uint8Array({ maxLength: 40 }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      entriesArb,
      keyArb,
      fc.array(tampering, { minLength: 1, maxLength: 3 }),
      async (entries, stranger, tamperings) => {
        const trie = await trieOf(entries);
        const root = bytesToHex(trie.root());
        for (const key of [Object.keys(entries)[0], stranger] as Hex[]) {
          let proof = await proofOf(trie, key);
          for (const { node, how } of tamperings) {
            if (proof.length === 0) break;
            const index = node % proof.length;
            if (how === "drop") proof = proof.filter((_, i) => i !== index);
            else if (how instanceof Uint8Array) proof[index] = bytesToHex(how);
            else {
              const bytes = hexToBytes(proof[index]!);
              if (bytes.length > 0) bytes[how.at % bytes.length]! ^= 1 << how.bit;
              proof[index] = bytesToHex(bytes);
            }
          }
          const truth = entries[key];
          let shown: Hex | null;
          try {
            shown = provedValue(trieNodes(proof), root, key);
          } catch {
            continue;
          }
          assert.equal(shown, truth === undefined ? null : bytesToHex(truth));
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("the empty trie holds nothing, and no other root is shown by an empty proof", () => {
  const key = keccak256("0x01");
  assert.equal(provedValue(trieNodes([]), keccak256("0x80"), key), null);
  assert.throws(() => provedValue(trieNodes([]), keccak256("0x01"), key), /lacks node/);
});
