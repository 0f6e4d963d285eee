import type { Hex, SessionState, SignedState } from "@demec/protocol";

/** What a session's journal is made of. Replaying all of a session's records in order restores its engine. */
export type JournalRecord =
  /** Buyer: call ids below this one may have been used. */
  | { readonly type: "reserved"; readonly below: number }
  /** Both: an acknowledged result, by its encoded receipt. */
  | { readonly type: "receipt"; readonly callId: number; readonly receipt: Uint8Array }
  /** Provider: a breach that it owes the next state. */
  | { readonly type: "fault"; readonly callId: number }
  /** Both: this acknowledged call will stand in no state. */
  | { readonly type: "waived"; readonly callId: number }
  /** Provider: work whose result was never acknowledged. */
  | { readonly type: "writtenOff"; readonly credits: bigint }
  /** Provider: signed by itself, about to be sent. */
  | {
      readonly type: "proposed";
      readonly state: SessionState;
      readonly operatorSig: Hex;
      readonly callIds: readonly number[];
      readonly faultIds: readonly number[];
    }
  /** Provider: the buyer refused what was proposed. */
  | { readonly type: "withdrawn"; readonly seq: bigint }
  /** Provider: the buyer's signature under what was proposed. */
  | { readonly type: "accepted"; readonly seq: bigint; readonly sessionKeySig: Hex }
  /** Buyer: a proposal that it verified and signed, about to be sent. */
  | {
      readonly type: "cosigned";
      readonly signed: SignedState;
      readonly callIds: readonly number[];
      readonly faultIds: readonly number[];
    }
  /** Both: a full state newer than this journal knows how to explain: good for settlement, not for going on. */
  | { readonly type: "adopted"; readonly signed: SignedState }
  /** Buyer: it asked for the final state. */
  | { readonly type: "closing" }
  | { readonly type: "halted"; readonly code: string; readonly message: string };
