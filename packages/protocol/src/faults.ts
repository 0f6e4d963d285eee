import { bytesToHex } from "viem";
import type { DemandAnswer, Hex, SessionState } from "./eip712.ts";
import { DemecError } from "./errors.ts";
import { encodeReceipt, type Receipt } from "./receipt.ts";

/** Why an operator refuses an on-chain demand; uint8. Any of them proves life. */
export const DEMAND_REFUSAL = {
  unspecified: 0,
  /** The provider ends this session, or its service altogether. */
  stopping: 1,
  /** What was signed off chain has used up the session's credits. */
  creditsExhausted: 2,
  /** No machine of this protocol version could run it. */
  invalidRequest: 3,
  /** It would cost more than the deposit: output too long to put on chain, or too much work. */
  tooExpensive: 4,
  moduleUnavailable: 5,
  /** An end that is not deterministic: out of memory, wall clock, crash. */
  hostFailure: 6,
} as const;
export type DemandRefusalReason = (typeof DEMAND_REFUSAL)[keyof typeof DEMAND_REFUSAL];

/** A receipt proven under a state that at least the operator signed; `ProvenReceipt` of `@demec/session` is one. */
export interface SignedReceipt {
  readonly receipt: Receipt;
  readonly leafIndex: number;
  /** Inclusion path for `verifyReceiptProof`. */
  readonly path: readonly Uint8Array[];
  /** Leaves under the state's root. */
  readonly size: number;
  readonly state: { readonly state: SessionState; readonly operatorSig: Hex | null };
}

/** An answer that was given to a demand on chain. */
export interface SignedAnswer {
  readonly answer: DemandAnswer;
  readonly operatorSig: Hex;
  /** Nonce of the demand, from its event. */
  readonly demandNonce: bigint;
}

/** What an operator signed about one execution, as `FaultCourt` takes it, but for the session's parameters. */
export interface Testimony {
  readonly operatorSig: Hex;
  readonly state: SessionState;
  readonly size: bigint;
  readonly index: bigint;
  /** Empty: `answer` is the testimony. */
  readonly receipt: Hex;
  readonly path: readonly Hex[];
  readonly answer: DemandAnswer;
  readonly demandNonce: bigint;
}

const ZERO: Hex = `0x${"00".repeat(32)}`;
const NO_ANSWER: DemandAnswer = {
  demandId: ZERO,
  executionHash: ZERO,
  outputHash: ZERO,
  status: 0,
  bitOps: 0n,
  floatOps: 0n,
};
const NO_STATE: SessionState = {
  sessionId: ZERO,
  seq: 0n,
  creditsUsed: 0n,
  invocations: 0n,
  breaches: 0n,
  receiptsRoot: ZERO,
  isFinal: false,
};

/** @throws protocol/bad-signature when the operator has not signed the receipt's state */
export function testimonyOfReceipt({ receipt, leafIndex, path, size, state }: SignedReceipt): Testimony {
  if (state.operatorSig === null) {
    throw new DemecError("protocol/bad-signature", `The operator has not signed state ${state.state.seq}.`, {
      details: { sessionId: state.state.sessionId, seq: state.state.seq },
    });
  }
  return {
    operatorSig: state.operatorSig,
    state: state.state,
    size: BigInt(size),
    index: BigInt(leafIndex),
    receipt: bytesToHex(encodeReceipt(receipt)),
    path: path.map((node) => bytesToHex(node)),
    answer: NO_ANSWER,
    demandNonce: 0n,
  };
}

export function testimonyOfAnswer({ answer, operatorSig, demandNonce }: SignedAnswer): Testimony {
  return { operatorSig, state: NO_STATE, size: 0n, index: 0n, receipt: "0x", path: [], answer, demandNonce };
}

/** The deterministic part of a receipt, in the words of an answer: what two honest testimonies must agree on. */
export type Determined = Omit<DemandAnswer, "demandId">;

export function determinedOf({ executionHash, outputHash, status, usage }: Receipt): Determined {
  const { bitOps, floatOps } = usage;
  return { executionHash: bytesToHex(executionHash), outputHash: bytesToHex(outputHash), status, bitOps, floatOps };
}

/** What two testimonies about the same execution differ in; null when they agree, or tell of different executions. */
export function contradictionOf(first: Determined, second: Determined): keyof Determined | null {
  if (first.executionHash !== second.executionHash) return null;
  const fields = ["outputHash", "status", "bitOps", "floatOps"] as const;
  return fields.find((field) => first[field] !== second[field]) ?? null;
}
