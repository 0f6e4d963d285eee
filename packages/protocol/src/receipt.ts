import { sha256 } from "#sha256";
import { DemecError } from "./errors.ts";
import { type Status, statusName } from "./execution.ts";
import { assertUsage, type Usage } from "./usage.ts";

/** Version of the receipt's hash scheme (1: SHA-256 tree, ECDSA over secp256k1). First byte of every leaf. */
export const RECEIPT_VERSION = 1;
export const RECEIPT_BYTES = 104;

/** What happened in one invocation. A leaf of its session's receipt tree; the signature is the session state's. */
export interface Receipt {
  readonly executionHash: Uint8Array;
  readonly outputHash: Uint8Array;
  readonly status: Status;
  readonly usage: Usage;
  /** Whether the invocation missed the service level, by the buyer's acknowledgement. */
  readonly breached: boolean;
}

/** Receipts are encoded side by side: memory of its own costs each of them as much as its hashes. */
const SLAB_RECEIPTS = 64;
let slab = new DataView(new ArrayBuffer(SLAB_RECEIPTS * RECEIPT_BYTES));
let at = 0;

/**
 * Fixed-width big-endian encoding, the same that Solidity gets from `abi.encodePacked`:
 * version u8, executionHash 32, outputHash 32, status u8, breached u8, bitOps u64, floatOps u64, bytes u64,
 * durationMs u32, latencyMs u32, pingMs u32, reserved u8 (0).
 */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  assertUsage(receipt.usage);
  if (at + RECEIPT_BYTES > slab.byteLength) {
    slab = new DataView(new ArrayBuffer(SLAB_RECEIPTS * RECEIPT_BYTES));
    at = 0;
  }
  const bytes = new Uint8Array(slab.buffer, at, RECEIPT_BYTES);
  slab.setUint8(at, RECEIPT_VERSION);
  bytes.set(receipt.executionHash, 1);
  bytes.set(receipt.outputHash, 33);
  slab.setUint8(at + 65, receipt.status);
  slab.setUint8(at + 66, receipt.breached ? 1 : 0);
  slab.setBigUint64(at + 67, receipt.usage.bitOps);
  slab.setBigUint64(at + 75, receipt.usage.floatOps);
  slab.setBigUint64(at + 83, receipt.usage.bytes);
  slab.setUint32(at + 91, receipt.usage.durationMs);
  slab.setUint32(at + 95, receipt.usage.latencyMs);
  slab.setUint32(at + 99, receipt.usage.pingMs);
  at += RECEIPT_BYTES;
  return bytes;
}

/** Inverse of {@link encodeReceipt}. @throws protocol/malformed on any byte string that no receipt encodes to */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    bytes.length !== RECEIPT_BYTES ||
    bytes[0] !== RECEIPT_VERSION ||
    statusName(view.getUint8(65)) === undefined ||
    view.getUint8(66) > 1 ||
    view.getUint8(103) !== 0
  ) {
    throw new DemecError(
      "protocol/malformed",
      `These ${bytes.length} bytes are not a receipt of version ${RECEIPT_VERSION}.`,
    );
  }
  return {
    executionHash: bytes.slice(1, 33),
    outputHash: bytes.slice(33, 65),
    status: view.getUint8(65) as Status,
    breached: view.getUint8(66) === 1,
    usage: {
      bitOps: view.getBigUint64(67),
      floatOps: view.getBigUint64(75),
      bytes: view.getBigUint64(83),
      durationMs: view.getUint32(91),
      latencyMs: view.getUint32(95),
      pingMs: view.getUint32(99),
    },
  };
}

/** What a leaf's hash is taken of, reused: 0x00 ‖ encoding. */
const leafBytes = new Uint8Array(1 + RECEIPT_BYTES);

/** Leaf hash of a receipt in its session's tree: SHA-256(0x00 ‖ encoding), as in RFC 9162. */
export function receiptLeaf(receipt: Receipt): Uint8Array {
  return encodedReceiptLeaf(encodeReceipt(receipt));
}

/** Leaf hash of a receipt that is encoded already. */
export function encodedReceiptLeaf(encoded: Uint8Array): Uint8Array {
  leafBytes.set(encoded, 1);
  return sha256(leafBytes);
}
