// Writes test/vectors/*.json: what Solidity and TypeScript must both compute. Deterministic; run it again after a change
// of the protocol and look at the difference. Numbers are decimal strings.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  areaAt,
  type CurvePoints,
  creditsUp,
  EIP712_TYPES,
  encodeReceipt,
  MAX_SUPPLY,
  priceAt,
  type Receipt,
  ReceiptTree,
  receiptLeaf,
  type SessionState,
  type SettlementInput,
  type SignedType,
  STATUS,
  settle,
  sha256,
  structHash,
  supplyAtPrice,
  typedDataDigest,
  UINT64_MAX,
  UINT128_MAX,
  type Usage,
} from "@demec/protocol";
import { bytesToHex, type Hex } from "viem";

/** Reproducible random numbers: SHA-256 of a counter. */
let counter = 0;
function random(max: bigint): bigint {
  const bytes = sha256(new TextEncoder().encode(`deMEC vectors ${counter++}`));
  return BigInt(bytesToHex(bytes)) % (max + 1n);
}
/** 0 … max, every order of magnitude as likely as any other. */
function magnitude(max: bigint): bigint {
  const bits = random(BigInt(max.toString(2).length));
  return bits === 0n && random(1n) === 0n ? max : random(max) >> bits;
}
const hex = (bytes: number): Hex =>
  `0x${random(256n ** BigInt(bytes) - 1n)
    .toString(16)
    .padStart(bytes * 2, "0")}`;
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const sorted = (values: bigint[]): bigint[] => values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

const y = UINT128_MAX;
const CORNERS: CurvePoints[] = [
  { x1: 1n, x2: 2n, x3: 3n, y0: 0n, y1: 0n, y2: 0n, y3: 1n },
  { x1: 1n, x2: 2n, x3: 3n, y0: y, y1: y, y2: y, y3: y },
  { x1: 1n, x2: 2n, x3: MAX_SUPPLY, y0: 0n, y1: 0n, y2: 0n, y3: y },
  { x1: MAX_SUPPLY - 2n, x2: MAX_SUPPLY - 1n, x3: MAX_SUPPLY, y0: 0n, y1: 0n, y2: 0n, y3: y },
  { x1: 1n, x2: MAX_SUPPLY - 1n, x3: MAX_SUPPLY, y0: 0n, y1: 0n, y2: y, y3: y },
  { x1: MAX_SUPPLY / 3n, x2: MAX_SUPPLY / 2n, x3: MAX_SUPPLY, y0: y, y1: y, y2: y, y3: y },
];
function randomCurve(): CurvePoints {
  const x3 = 3n + magnitude(MAX_SUPPLY - 3n);
  const x2 = 2n + magnitude(x3 - 3n);
  const x1 = 1n + magnitude(x2 - 2n);
  const [y0, y1, y2, y3] = sorted(times(4, () => magnitude(UINT128_MAX))) as [bigint, bigint, bigint, bigint];
  return { x1, x2, x3, y0, y1, y2, y3: y3 || 1n };
}
const curves = [...CORNERS, ...times(120, randomCurve)].map((curve) => {
  const { x1, x2, x3, y0, y3 } = curve;
  const supplies = [0n, 1n, x1, x2, x3 - 1n, x3, MAX_SUPPLY, random(x3), magnitude(x3), x3 - magnitude(x3)];
  const prices = [0n, y0, y3, random(y3), magnitude(y3)];
  return {
    curve,
    at: supplies.map((supply) => ({ supply, area: areaAt(curve, supply), price: priceAt(curve, supply) })),
    inverse: prices.map((priceWad) => ({ priceWad, supply: supplyAtPrice(curve, priceWad) })),
  };
});

const signed128 = () => magnitude(2n ** 127n - 1n) * (random(3n) === 0n ? -1n : 1n);
const randomUsage = (): Usage => ({
  bitOps: magnitude(UINT64_MAX),
  floatOps: magnitude(UINT64_MAX),
  bytes: magnitude(UINT64_MAX),
  durationMs: Number(magnitude(2n ** 32n - 1n)),
  latencyMs: Number(magnitude(2n ** 32n - 1n)),
  pingMs: Number(magnitude(2n ** 32n - 1n)),
});
const tariffs = times(100, () => {
  const tariff = { a: signed128(), b: signed128(), c: signed128(), d: signed128(), e: signed128(), f: signed128() };
  const usage = randomUsage();
  return { tariff, usage, credits: creditsUp(tariff, usage) };
});

/** A message with a random value in every field of its type. */
function randomMessage(type: SignedType): Record<string, unknown> {
  return Object.fromEntries(
    EIP712_TYPES[type].map(({ name, type: fieldType }) => {
      if (fieldType === "address") return [name, hex(20)];
      if (fieldType === "bytes32") return [name, hex(32)];
      if (fieldType === "bool") return [name, random(1n) === 1n];
      const bits = BigInt(fieldType.slice(4));
      const value = magnitude(2n ** bits - 1n);
      return [name, bits <= 48n ? Number(value) : value];
    }),
  );
}
const domain = { chainId: 80002, verifyingContract: "0x5fbdb2315678afecb367f032d93f642f64180aa3" } as const;
const digests = (Object.keys(EIP712_TYPES) as SignedType[]).flatMap((type) =>
  times(6, () => {
    const message = randomMessage(type) as unknown as SessionState;
    return {
      type,
      message,
      structHash: structHash(type as "SessionState", message),
      digest: typedDataDigest(domain, type as "SessionState", message),
    };
  }),
);

const receipts = times(
  33,
  (): Receipt => ({
    executionHash: sha256(new Uint8Array([counter++ & 255])),
    outputHash: sha256(new Uint8Array([counter++ & 255, 1])),
    status: Object.values(STATUS)[Number(random(12n))]!,
    breached: random(1n) === 1n,
    usage: randomUsage(),
  }),
);
const tree = new ReceiptTree(receipts.map(receiptLeaf));
const proofs = [1, 2, 3, 7, 8, 21, 33].flatMap((size) =>
  [...new Set([0, size >> 1, size - 1])].map((index) => ({
    size,
    index,
    root: bytesToHex(tree.root(size)),
    path: tree.prove(index, size).map((node) => bytesToHex(node)),
  })),
);

const settlements = times(150, () => {
  const value = 1n + magnitude(UINT128_MAX - 1n);
  const credits = 1n + magnitude(UINT128_MAX - 1n);
  const invocations = magnitude(UINT64_MAX);
  const input: SettlementInput = {
    value,
    credits,
    bond: magnitude(UINT128_MAX),
    toleranceBps: Number(magnitude(10_000n)),
    rebateBps: Number(magnitude(10_000n)),
    bondPenaltyBps: Number(magnitude(10_000n)),
    collected: random(3n) === 0n ? magnitude(value) : 0n,
    creditsUsed: random(4n) === 0n ? magnitude(UINT128_MAX) : random(credits),
    invocations,
    breaches: random(4n) === 0n ? magnitude(UINT64_MAX) : random(invocations),
  };
  return { input, amounts: settle(input) };
});

const folder = join(import.meta.dirname, "../test/vectors");
mkdirSync(folder, { recursive: true });
const write = (name: string, value: unknown) =>
  writeFileSync(
    join(folder, `${name}.json`),
    `${JSON.stringify(value, (_, v) => (typeof v === "bigint" || typeof v === "number" ? String(v) : v), 1)}\n`,
  );
write("curve", curves);
write("tariff", tariffs);
write("eip712", { domain, digests });
write("receipt", {
  receipts: receipts.map((receipt) => ({
    encoded: bytesToHex(encodeReceipt(receipt)),
    leaf: bytesToHex(receiptLeaf(receipt)),
  })),
  proofs,
});
write("settlement", settlements);
