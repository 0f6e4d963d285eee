import assert from "node:assert/strict";
import { test } from "node:test";
import { lightOptionsOf } from "./light.ts";

const [one, two, three] = ["https://one.example", "https://two.example", "https://three.example"];
const local = "http://127.0.0.1:8545";

test("more than half of the endpoints have to agree, and one alone proves nothing", () => {
  assert.equal(lightOptionsOf({ rpcUrls: [one] }), undefined);
  assert.deepEqual(lightOptionsOf({ rpcUrls: [one, two] }), { nodes: [one, two], quorum: 2 });
  assert.equal(lightOptionsOf({ rpcUrls: [one, two, three] })?.quorum, 2);
  assert.equal(lightOptionsOf({ rpcUrls: [one, two, three, local] })?.quorum, 3);
});

test("a development chain, which makes blocks for transactions alone, is not waited for; settings may say otherwise", () => {
  assert.equal(lightOptionsOf({ rpcUrls: [one, local] })?.depth, undefined);
  assert.equal(lightOptionsOf({ rpcUrls: [local, one] })?.depth, 0);
  const light = { quorum: 3, depth: 5, ethereumHeaders: false };
  assert.partialDeepStrictEqual(lightOptionsOf({ rpcUrls: [local, one, two], light }), light);
});
