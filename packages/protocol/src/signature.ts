import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, type Hex, hexToBytes } from "viem";
import { publicKeyToAddress } from "viem/utils";
import { type Address, type MessageOf, type SignedType, type SigningDomain, typedDataDigest } from "./eip712.ts";
import { DemecError } from "./errors.ts";

/** Signs a 32-byte digest; 65 bytes r ‖ s ‖ v with v 27 or 28 and low s, as contracts expect. */
export function signDigest(privateKey: Hex, digest: Hex): Hex {
  const recovered = secp256k1.sign(hexToBytes(digest), hexToBytes(privateKey), { prehash: false, format: "recovered" });
  const signature = new Uint8Array(65);
  signature.set(recovered.subarray(1), 0);
  signature[64] = recovered[0]! + 27;
  return bytesToHex(signature);
}

/** Address that signed. @throws protocol/bad-signature for bytes that no key could have made */
export function recoverSigner(digest: Hex, signature: Hex): Address {
  try {
    const bytes = hexToBytes(signature);
    if (bytes.length !== 65) throw new RangeError(`${bytes.length} bytes instead of 65`);
    const recovered = new Uint8Array(65);
    recovered[0] = bytes[64]! - 27;
    recovered.set(bytes.subarray(0, 64), 1);
    if (recovered[0]! > 1 || secp256k1.Signature.fromBytes(bytes.subarray(0, 64), "compact").hasHighS()) {
      throw new RangeError("v is not 27 or 28, or s is high");
    }
    const compressed = secp256k1.recoverPublicKey(recovered, hexToBytes(digest), { prehash: false });
    return publicKeyToAddress(bytesToHex(secp256k1.Point.fromBytes(compressed).toBytes(false)));
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
