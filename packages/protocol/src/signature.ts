import { bytesToHex, type Hex, hexToBytes } from "viem";
import { publicKeyToAddress } from "viem/utils";
import { recover, sign } from "#secp256k1";
import { type Address, type MessageOf, type SignedType, type SigningDomain, typedDataDigest } from "./eip712.ts";
import { DemecError } from "./errors.ts";

/** Half of the group's order: the greatest s of a signature that is not malleated. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** Signs a 32-byte digest; 65 bytes r ‖ s ‖ v with v 27 or 28 and low s, as contracts expect. */
export function signDigest(privateKey: Hex, digest: Hex): Hex {
  const { compact, parity } = sign(hexToBytes(digest), hexToBytes(privateKey));
  const signature = new Uint8Array(65);
  signature.set(compact, 0);
  signature[64] = parity + 27;
  return bytesToHex(signature);
}

/** Address that signed. @throws protocol/bad-signature for bytes that no key could have made */
export function recoverSigner(digest: Hex, signature: Hex): Address {
  try {
    const bytes = hexToBytes(signature);
    if (bytes.length !== 65) throw new RangeError(`${bytes.length} bytes instead of 65`);
    const parity = bytes[64]! - 27;
    if ((parity !== 0 && parity !== 1) || BigInt(`0x${signature.slice(66, 130)}`) > HALF_ORDER) {
      throw new RangeError("v is not 27 or 28, or s is high");
    }
    const key = recover(hexToBytes(digest), { compact: bytes.subarray(0, 64), parity });
    return publicKeyToAddress(bytesToHex(key));
  } catch (cause) {
    throw new DemecError("protocol/bad-signature", `${signature} is not a valid signature.`, {
      cause,
      details: { signature },
    });
  }
}

/** Signs one of deMEC's EIP-712 messages. */
export function signMessageOf<T extends SignedType>(
  privateKey: Hex,
  domain: SigningDomain,
  type: T,
  message: MessageOf<T>,
): Hex {
  return signDigest(privateKey, typedDataDigest(domain, type, message));
}

/** @throws protocol/bad-signature unless `signer` signed `message` under `domain` */
export function assertSigned<T extends SignedType>(
  signer: Address,
  domain: SigningDomain,
  type: T,
  message: MessageOf<T>,
  signature: Hex,
): void {
  const actual = recoverSigner(typedDataDigest(domain, type, message), signature);
  if (actual.toLowerCase() !== signer.toLowerCase()) {
    throw new DemecError("protocol/bad-signature", `${type} was signed by ${actual}, not by ${signer}.`, {
      details: { type, expected: signer, actual },
    });
  }
}
