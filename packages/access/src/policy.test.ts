import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGatePolicy } from "./policy.ts";

test("a policy reads as its operator wrote it, and is refused with the field that is wrong", () => {
  const token = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
  const policy = parseGatePolicy({
    condition: {
      type: "any",
      of: [
        { type: "erc1155", token, id: "7", atLeast: "1" },
        { type: "not", of: { type: "session" } },
      ],
    },
    grantors: [token.toLowerCase()],
  });
  assert.deepEqual(policy, {
    condition: {
      type: "any",
      of: [
        { type: "erc1155", token, id: 7n, atLeast: 1n },
        { type: "not", of: { type: "session" } },
      ],
    },
    grantors: [token],
    ...{ delegations: 0, tokenSeconds: 300, singleUse: false },
  });
  for (const wrong of [
    { conditions: null },
    { condition: { type: "erc20", token, atLeast: 1 } },
    { condition: { type: "erc20", token: "0x1", atLeast: "1" } },
    { condition: { type: "all", of: [] } },
    { condition: { type: "not" } },
    { condition: { type: "erc721", token, id: `${2n ** 256n}` } },
    { tokenSeconds: 0 },
    { grantors: ["me"] },
  ]) {
    assert.throws(() => parseGatePolicy(wrong), { code: "access/bad-policy" });
  }
});
