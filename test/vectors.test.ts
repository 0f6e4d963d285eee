// Golden vectors (scripts/build-vectors.ts): TypeScript and Solidity compute the same integers and hashes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import {
  areaAt,
  type CurvePoints,
  creditsUp,
  decodeReceipt,
  EIP712_TYPES,
  priceAt,
  receiptLeaf,
  type SessionState,
  type SettlementInput,
  type SignedType,
  settle,
  structHash,
  supplyAtPrice,
  type Tariff,
  typedDataDigest,
  verifyReceiptProof,
} from "@demec/protocol";
import hre from "hardhat";
import { type Abi, bytesToHex, type Hex, hexToBytes } from "viem";
import { readContract } from "viem/actions";
import type { Connection } from "../scripts/deployDemec.ts";

let connection: Connection;
let onChain: (functionName: string, args: unknown[]) => Promise<unknown>;
before(async () => {
  connection = await hre.network.connect({ network: "node" });
  const client = await connection.viem.getPublicClient();
  const [wallet] = await connection.viem.getWalletClients();
  const { abi, bytecode } = await hre.artifacts.readArtifact("VectorHarness");
  const hash = await wallet!.deployContract({ abi: abi as Abi, bytecode: bytecode as Hex });
  const { contractAddress } = await client.waitForTransactionReceipt({ hash });
  onChain = (functionName, args) =>
    readContract(client, { address: contractAddress!, abi: abi as Abi, functionName, args });
});
after(() => connection.close());

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8"), (_, value) =>
    typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : value,
  );

test("curve: area, price and inverse are the same integers in TypeScript and Solidity", async () => {
  const vectors: {
    curve: CurvePoints;
    at: { supply: bigint; area: bigint; price: bigint }[];
    inverse: { priceWad: bigint; supply: bigint }[];
  }[] = read("curve");
  assert.ok(vectors.length > 100);
  for (const { curve, at, inverse } of vectors) {
    for (const { supply, area, price } of at) {
      assert.equal(areaAt(curve, supply), area);
      assert.equal(priceAt(curve, supply), price);
    }
    for (const { priceWad, supply } of inverse) assert.equal(supplyAtPrice(curve, priceWad), supply);
    assert.deepEqual(await onChain("areasAndPrices", [curve, at.map(({ supply }) => supply)]), [
      at.map(({ area }) => area),
      at.map(({ price }) => price),
    ]);
    assert.deepEqual(
      await onChain("suppliesAtPrices", [curve, inverse.map(({ priceWad }) => priceWad)]),
      inverse.map(({ supply }) => supply),
    );
  }
});

test("tariff: the credits of an invocation are the same integer", async () => {
  const vectors: { tariff: Tariff; usage: Record<string, bigint>; credits: bigint }[] = read("tariff");
  for (const { tariff, usage, credits } of vectors) {
    const { bitOps, floatOps, bytes } = usage as { bitOps: bigint; floatOps: bigint; bytes: bigint };
    const [durationMs, latencyMs, pingMs] = [usage.durationMs, usage.latencyMs, usage.pingMs].map(Number) as [
      number,
      number,
      number,
    ];
    assert.equal(creditsUp(tariff, { bitOps, floatOps, bytes, durationMs, latencyMs, pingMs }), credits);
    const onChainUsage = { bitOps, floatOps, byteCount: bytes, durationMs, latencyMs, pingMs };
    assert.equal(await onChain("creditsUp", [tariff, onChainUsage]), credits);
  }
});

test("EIP-712: every signed struct has the same hash and digest", async () => {
  const { domain, digests } = read("eip712") as {
    domain: { chainId: bigint; verifyingContract: Hex };
    digests: { type: SignedType; message: Record<string, unknown>; structHash: Hex; digest: Hex }[];
  };
  assert.deepEqual(new Set(digests.map(({ type }) => type)), new Set(Object.keys(EIP712_TYPES)));
  for (const vector of digests) {
    // viem wants numbers up to 48 bits; their encoding is the same.
    const message = vector.message as unknown as SessionState;
    const type = vector.type as "SessionState";
    assert.equal(structHash(type, message), vector.structHash);
    assert.equal(typedDataDigest({ ...domain, chainId: Number(domain.chainId) }, type, message), vector.digest);
    const flat = vector.type === "OperatorConsent" || vector.type === "ChannelAttachment";
    const { serviceId, offerDigest } = vector.message;
    const args = flat
      ? EIP712_TYPES[vector.type].map(({ name }) => vector.message[name])
      : vector.type === "SessionIntent"
        ? [serviceId, offerDigest, message]
        : [message];
    assert.equal(await onChain(`hash${vector.type}`, args), vector.structHash);
    const { chainId, verifyingContract } = domain;
    assert.equal(await onChain("digest", [vector.structHash, chainId, verifyingContract]), vector.digest);
  }
});

test("receipts: leaves and proofs that TypeScript makes are the ones that Solidity verifies", async () => {
  const { receipts, proofs } = read("receipt") as {
    receipts: { encoded: Hex; leaf: Hex }[];
    proofs: { size: bigint; index: bigint; root: Hex; path: Hex[] }[];
  };
  for (const { encoded, leaf } of receipts) {
    assert.equal(bytesToHex(receiptLeaf(decodeReceipt(hexToBytes(encoded)))), leaf);
    assert.equal(await onChain("leafOf", [encoded]), leaf);
  }
  for (const { size, index, root, path } of proofs) {
    const { leaf } = receipts[Number(index)]!;
    const verify = (bySize: bigint, byIndex: bigint, byPath: Hex[]) =>
      onChain("verify", [root, bySize, byIndex, leaf, byPath]);
    const bytes = path.map((node) => hexToBytes(node));
    assert.ok(verifyReceiptProof(hexToBytes(root), Number(size), Number(index), hexToBytes(leaf), bytes));
    assert.equal(await verify(size, index, path), true);
    assert.equal(await verify(size + 1n, index, path), false);
    assert.equal(await verify(size, size, path), false);
    assert.equal(await verify(size, index, [...path, leaf]), false);
    if (size > 1n) assert.equal(await verify(size, (index + 1n) % size, path), false);
  }
});

test("settlement: the shares of both sides are the same integers", async () => {
  const numbers = (input: Record<string, bigint>): SettlementInput => ({
    ...(input as unknown as SettlementInput),
    toleranceBps: Number(input.toleranceBps),
    rebateBps: Number(input.rebateBps),
    bondPenaltyBps: Number(input.bondPenaltyBps),
  });
  for (const { input, amounts } of read("settlement")) {
    assert.deepEqual(settle(numbers(input)), amounts);
    assert.deepEqual(await onChain("settle", [input]), [
      amounts.providerAmount,
      amounts.buyerAmount,
      amounts.bondPenalty,
    ]);
  }
});
