import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeReceipt, receiptLeaf, verifyReceiptProof } from "@demec/protocol";
import { requestOf } from "./testing/fixtures.ts";
import { Pair } from "./testing/pair.ts";

test("a call is answered, acknowledged, co-signed and provable", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(5));
  pair.settle();
  const outcome = pair.outcomes.get(callId)!;
  assert.equal(outcome.type, "result");
  assert.equal(pair.buyer.receiptFor(callId), null);
  pair.checkpoint();
  const proof = pair.buyer.receiptFor(callId)!;
  assert.deepEqual(
    encodeReceipt(proof.receipt),
    encodeReceipt(outcome.type === "result" ? outcome.receipt : assert.fail()),
  );
  assert.ok(verifyReceiptProof(proof.root, proof.size, proof.leafIndex, receiptLeaf(proof.receipt), proof.path));
  assert.deepEqual(pair.buyer.state, pair.provider.state);
  assert.deepEqual(pair.provider.receiptFor(callId), proof);
  assert.equal(pair.buyer.creditsUsed, 105n + 50n);
  assert.equal(pair.provider.exposure, 0n);
  assert.equal(pair.buyer.exposure, 0n);
});
