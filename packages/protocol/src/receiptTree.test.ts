import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ReceiptTree, verifyReceiptProof } from "./receiptTree.ts";
import { sha256 } from "./sha256.ts";

const leaf = (n: number) => sha256(Uint8Array.of(n & 255, n >> 8));
const leaves = (n: number) => Array.from({ length: n }, (_, i) => leaf(i));

/** The recursive definition of RFC 9162, 2.1.1, as the specification writes it. */
function specHash(nodes: readonly Uint8Array[]): Uint8Array {
  if (nodes.length === 0) return sha256();
  if (nodes.length === 1) return nodes[0]!;
  let split = 1;
  while (split * 2 < nodes.length) split *= 2;
  return sha256(Uint8Array.of(1), specHash(nodes.slice(0, split)), specHash(nodes.slice(split)));
}

test("the root is the RFC 9162 tree hash, bound to its size", () => {
  for (let size = 0; size <= 70; size++) {
    const prefix = new Uint8Array(9);
    prefix.set([2, 0, 0, 0, 0, 0, 0, 0, size]);
    assert.deepEqual(new ReceiptTree(leaves(size)).root(), sha256(prefix, specHash(leaves(size))));
  }
});

test("every leaf is provable under its own and every later root, and under no other index, size or leaf", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (total, sizeSeed, indexSeed) => {
      const tree = new ReceiptTree(leaves(total));
      const size = 1 + (sizeSeed % total);
      const index = indexSeed % size;
      const path = tree.prove(index, size);
      assert.ok(verifyReceiptProof(tree.root(size), size, index, leaf(index), path));
      assert.ok(!verifyReceiptProof(tree.root(size), size, index, leaf(index + 1), path));
      assert.ok(!verifyReceiptProof(tree.root(size), size, index, leaf(index), [...path, leaf(0)]));
      assert.ok(!verifyReceiptProof(tree.root(size), size + 1, index, leaf(index), path));
      if (size > 1) assert.ok(!verifyReceiptProof(tree.root(size), size, (index + 1) % size, leaf(index), path));
    }),
  );
});

test("truncating to a size gives the tree that had only those leaves", () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), (size, extra) => {
      const tree = new ReceiptTree(leaves(size + extra));
      tree.truncate(size);
      assert.equal(tree.size, size);
      assert.deepEqual(tree.root(), new ReceiptTree(leaves(size)).root());
      tree.append(leaf(7));
      assert.deepEqual(tree.root(), new ReceiptTree([...leaves(size), leaf(7)]).root());
    }),
  );
});
