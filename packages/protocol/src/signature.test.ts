import assert from "node:assert/strict";
import { test } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { EIP712_TYPES, eip712Domain, type SessionState } from "./eip712.ts";
import { assertSigned, recoverSigner, signMessageOf } from "./signature.ts";

const key = `0x${"7".repeat(64)}` as const;
const account = privateKeyToAccount(key);
const domain = { chainId: 31337, verifyingContract: `0x${"12".repeat(20)}` } as const;
const state: SessionState = {
  sessionId: `0x${"ab".repeat(32)}`,
  seq: 3n,
  creditsUsed: 10n ** 18n,
  invocations: 12n,
  breaches: 1n,
  receiptsRoot: `0x${"cd".repeat(32)}`,
  isFinal: false,
};

test("a signature is the one that a wallet makes for the same typed data, and recovers to its key", async () => {
  const ours = signMessageOf(key, domain, "SessionState", state);
  const theirs = await account.signTypedData({
    domain: eip712Domain(domain),
    types: EIP712_TYPES,
    primaryType: "SessionState",
    message: state,
  });
  assert.equal(ours, theirs);
  assertSigned(account.address, domain, "SessionState", state, ours);
});

test("a signature is worth nothing on another chain, for another contract, or for another message", () => {
  const signature = signMessageOf(key, domain, "SessionState", state);
  const others = [
    [{ ...domain, chainId: 1 }, state],
    [{ ...domain, verifyingContract: account.address }, state],
    [domain, { ...state, isFinal: true }],
  ] as const;
  for (const [d, s] of others) {
    assert.throws(() => assertSigned(account.address, d, "SessionState", s, signature), {
      code: "protocol/bad-signature",
    });
  }
});

test("a malleated or malformed signature is refused", () => {
  const signature = signMessageOf(key, domain, "SessionState", state);
  const digest = `0x${"00".repeat(32)}` as const;
  const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const highS = (n - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
  const flipped = signature.endsWith("1b") ? "1c" : "1b";
  for (const bad of [
    "0x",
    "0x1234",
    `${signature}00`,
    `0x${"00".repeat(65)}`,
    `${signature.slice(0, 66)}${highS}${flipped}`,
  ]) {
    assert.throws(() => recoverSigner(digest, bad as `0x${string}`), { code: "protocol/bad-signature" });
  }
});
