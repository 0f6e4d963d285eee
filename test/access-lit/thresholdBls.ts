// Threshold BLS over BLS12-381: public keys in G1, signatures in G2 (proof-of-possession scheme), Shamir's shares.
import { randomBytes } from "node:crypto";
import { bls12_381 as bls } from "@noble/curves/bls12-381.js";
import { bytesToHex, concatBytes } from "viem";

const DST = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
const { Fr } = bls.fields;
const random = () => Fr.create(BigInt(`0x${randomBytes(48).toString("hex")}`));

export interface KeyShare {
  /** Where the polynomial was evaluated; from 1. */
  readonly at: number;
  readonly secret: bigint;
}

/** A key that `threshold` of `count` shares together sign with. @returns hex without prefix */
export function splitKey(threshold: number, count: number): { publicKey: string; shares: KeyShare[] } {
  const coefficients = Array.from({ length: threshold }, random);
  const at = (x: bigint) => coefficients.reduceRight((sum, coefficient) => Fr.add(Fr.mul(sum, x), coefficient), 0n);
  return {
    publicKey: bls.G1.Point.BASE.multiply(coefficients[0]!).toHex(true),
    shares: Array.from({ length: count }, (_, i) => ({ at: i + 1, secret: at(BigInt(i + 1)) })),
  };
}

/** A share's part of the signature of a message, as Lit's client combines them: the share's number, then the point. */
export function signPart(message: Uint8Array, { at, secret }: KeyShare): string {
  const point = bls.G2.hashToCurve(message, { DST }).multiply(secret);
  return bytesToHex(concatBytes([Uint8Array.of(at), point.toBytes(true)])).slice(2);
}
