import type { Hex } from "@demec/protocol";
import { ed25519 } from "@noble/curves/ed25519.js";
import { base64url } from "jose";
import { bytesToHex, hexToBytes } from "viem";

// A node key as JSON Web Keys: an Ed25519 key that signs, and its X25519 form, to which others seal.

const b64 = base64url.encode;

/** The node key, ed25519, of a seed of 32 bytes. */
export const nodeKeyOf = (seed: Uint8Array): Hex => bytesToHex(ed25519.getPublicKey(seed));

export const verifyingJwk = (nodeKey: Hex) => ({ kty: "OKP", crv: "Ed25519", x: b64(hexToBytes(nodeKey)) });

export const signingJwk = (seed: Uint8Array) => ({ ...verifyingJwk(nodeKeyOf(seed)), d: b64(seed) });

export const sealingJwk = (nodeKey: Hex) => ({
  kty: "OKP",
  crv: "X25519",
  x: b64(ed25519.utils.toMontgomery(hexToBytes(nodeKey))),
});

export const openingJwk = (seed: Uint8Array) => ({
  ...sealingJwk(nodeKeyOf(seed)),
  d: b64(ed25519.utils.toMontgomerySecret(seed)),
});
