import type { Hex } from "@demec/protocol";
import { isHex, keccak256, toRlp, trim } from "viem";

/** What light clients need of a block. */
export interface TrustedBlock {
  readonly number: bigint;
  readonly hash: Hex;
  readonly stateRoot: Hex;
  /** Unix time. */
  readonly timestamp: bigint;
}

/** Fields of a header in the order in which they are hashed. Each fork has added its own at the end. */
const FIELDS = [
  "parentHash",
  "sha3Uncles",
  "miner",
  "stateRoot",
  "transactionsRoot",
  "receiptsRoot",
  "logsBloom",
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "extraData",
  "mixHash",
  "nonce",
  "baseFeePerGas",
  "withdrawalsRoot",
  "blobGasUsed",
  "excessBlobGas",
  "parentBeaconBlockRoot",
  "requestsHash",
] as const;
/** As many has the header of every Ethereum chain. */
const FIRST_FORK_FIELDS = 15;
/** Numbers are hashed without leading zeros. */
const QUANTITIES: ReadonlySet<string> = new Set([
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "baseFeePerGas",
  "blobGasUsed",
  "excessBlobGas",
]);

/** A block as `eth_getBlockByNumber` gives it. @throws Error where it lacks a field */
export function parseBlock(block: unknown): TrustedBlock {
  const { number, hash, stateRoot, timestamp } = fieldsOf(block);
  return {
    number: BigInt(hexIn({ number })),
    hash: wordIn({ hash }),
    stateRoot: wordIn({ stateRoot }),
    timestamp: BigInt(hexIn({ timestamp })),
  };
}

/** Hash of a block's header, recomputed from its fields: what binds its state root to its hash. @throws Error */
export function hashHeader(block: unknown): Hex {
  const fields = fieldsOf(block);
  const names = FIELDS.filter((name, i) => i < FIRST_FORK_FIELDS || fields[name] !== undefined);
  return keccak256(
    toRlp(
      names.map((name) => {
        const value = hexIn({ [name]: fields[name] });
        if (!QUANTITIES.has(name)) return value;
        const trimmed = trim(value);
        return BigInt(value) === 0n ? "0x" : trimmed;
      }),
    ),
  );
}

function fieldsOf(block: unknown): Record<string, unknown> {
  if (typeof block !== "object" || block === null) throw new Error("There is no such block.");
  return block as Record<string, unknown>;
}

function hexIn(field: Record<string, unknown>): Hex {
  const [[name, value]] = Object.entries(field) as [[string, unknown]];
  if (!isHex(value)) throw new Error(`The block's ${name} is ${String(value)}.`);
  return value;
}

function wordIn(field: Record<string, unknown>): Hex {
  const value = hexIn(field);
  if (value.length !== 66) throw new Error(`The block has a hash ${value}.`);
  return value;
}
