import assert from "node:assert/strict";
import { test } from "node:test";
import { isDemecError } from "@demec/protocol";
import { NodeKeyOpener, nodeKeySealer } from "./nodeKeySealer.ts";
import { nodeKeyOf } from "./nodeKeys.ts";
import { hasSealed, openVariables, sealVariables } from "./secretEnvironment.ts";

const seed = new Uint8Array(32).fill(1);
const reader = { owner: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", nodeKey: nodeKeyOf(seed) } as const;
const opener = new NodeKeyOpener(seed);
const caller = {
  audience: "eip155:1/erc1155:0x5FbDB2315678afecb367f032d93F642f64180aa3/1",
  subject: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
} as const;
const seal = (secrets: Record<string, string>) => sealVariables(nodeKeySealer, secrets, caller, [reader]);

test("what was sealed stands where its box stood, beside what wasn't", async () => {
  const env = [
    ["A", "1"],
    await seal({ TOKEN: "größe=7\n", EMPTY: "" }),
    ["B", "2"],
    await seal({ MORE: "x" }),
  ] as const;
  assert.equal(hasSealed(env), true);
  assert.deepEqual(await openVariables(opener, env, caller), [
    ["A", "1"],
    ["TOKEN", "größe=7\n"],
    ["EMPTY", ""],
    ["B", "2"],
    ["MORE", "x"],
  ]);
  assert.equal(hasSealed([["A", "demec:secrets"]]), false);
});

test("a box of something other than variables, and more boxes than are opened, are refused", async () => {
  const refused = (error: unknown) => isDemecError(error, "access/tampered-box");
  const box = await seal({ A: "1" });
  await assert.rejects(openVariables(opener, Array(9).fill(box), caller), refused);
  for (const name of ["", "A=B", "A\0B"])
    await assert.rejects(openVariables(opener, [await seal({ [name]: "1" })], caller), refused);
  const text = await nodeKeySealer.seal(new TextEncoder().encode("{}"), caller, [reader]);
  await assert.rejects(openVariables(opener, [["demec:secrets", text]], caller), refused);
});
