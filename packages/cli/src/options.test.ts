import assert from "node:assert/strict";
import { test } from "node:test";
import { getAddress } from "viem";
import { parseAccount } from "./options.ts";

const LOWER = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";

test("an account is an address in lower case or with its checksum; a mistyped one is refused", () => {
  const checksummed = getAddress(LOWER);
  assert.equal(parseAccount("--for", LOWER), checksummed);
  assert.equal(parseAccount("--for", checksummed), checksummed);
  for (const wrong of [checksummed.replace("C51812", "c51812"), LOWER.slice(0, -1), "alice", ""]) {
    assert.throws(() => parseAccount("--for", wrong), { code: "cli/bad-option" }, wrong);
  }
});
