import {
  creditsUp,
  DemecError,
  decodeReceipt,
  encodedReceiptLeaf,
  type NewestStates,
  type Receipt,
  ReceiptTree,
  type SessionState,
  type SignedState,
} from "@demec/protocol";
import type { Halt } from "./effects.ts";
import { toHex } from "./hex.ts";
import type { Snapshot } from "./journal.ts";
import { LeafIndex } from "./leafIndex.ts";
import { ReceiptLog } from "./receiptLog.ts";
import type { JournalRecord } from "./records.ts";
import { sameState } from "./states.ts";
import type { SessionTerms } from "./terms.ts";

/** An acknowledged result that no full state covers yet. */
export interface Uncovered {
  readonly receipt: Uint8Array;
  readonly credits: bigint;
  readonly breached: boolean;
}

export type Proposal = Extract<JournalRecord, { type: "proposed" }>;

/** A receipt with its proof under a state that both sides signed. */
export interface ProvenReceipt {
  readonly receipt: Receipt;
  readonly leafIndex: number;
  /** Inclusion path for `verifyReceiptProof`. */
  readonly path: readonly Uint8Array[];
  /** Leaves under `root`. */
  readonly size: number;
  readonly root: Uint8Array;
  readonly state: SignedState;
}

/**
 * All of a session that outlives a crash. Every change is the application of a journal record, live and on restoring
 * alike, so that what is restored is what was.
 */
export class Ledger {
  readonly #terms: SessionTerms;
  readonly #tree = new ReceiptTree();
  readonly #receipts = new ReceiptLog();
  readonly #leafOf = new LeafIndex();
  readonly #coveredFaults = new Set<number>();
  readonly #uncovered = new Map<number, Uncovered>();
  readonly #faults = new Set<number>();
  #uncoveredCredits = 0n;
  /** Last full state whose leaves are all known here. */
  #explained: SignedState | null = null;
  /** Sequence number of the draft whose leaves stand in the tree beyond the covered ones. */
  #draftedSeq: bigint | null = null;

  /** Newest state with both signatures. */
  full: SignedState | null = null;
  /** Provider: proposed and neither accepted nor refused. */
  proposal: Proposal | null = null;
  /** Highest sequence number that this side ever signed. */
  signedSeq = 0n;
  /** Credits of work that was delivered and will not be charged; a provider holds them against the buyer. */
  writtenOff = 0n;
  /** Buyer: call ids below this one may have been used. */
  reservedBelow = 1;
  closing = false;
  halt: Halt | null = null;

  constructor(terms: SessionTerms, restored?: Snapshot) {
    this.#terms = terms;
    try {
      for (const record of restored?.records ?? []) this.apply(record);
    } catch (cause) {
      throw new DemecError("session/journal-corrupt", `The journal of session ${terms.sessionId} makes no sense.`, {
        cause,
        details: { sessionId: terms.sessionId },
      });
    }
  }

  get uncovered(): ReadonlyMap<number, Uncovered> {
    return this.#uncovered;
  }
  /** Provider: breach faults that no full state covers yet. */
  get faults(): ReadonlySet<number> {
    return this.#faults;
  }
  get uncoveredCredits(): bigint {
    return this.#uncoveredCredits;
  }
  get creditsUsed(): bigint {
    return this.full?.state.creditsUsed ?? 0n;
  }
  get final(): boolean {
    return this.full?.state.isFinal ?? false;
  }
  /** Results under the newest full state. */
  get covered(): number {
    return this.#receipts.size;
  }

  /** What this side shows on attaching. */
  newest(): NewestStates {
    if (this.proposal === null) return { full: this.full, half: null };
    const { state, operatorSig, callIds } = this.proposal;
    const receipts = callIds.map((callId) => this.#uncovered.get(callId)!.receipt);
    return { full: this.full, half: { state, operatorSig, sessionKeySig: null, receipts } };
  }

  /** Whether the call's result was acknowledged, be it covered or not. */
  hasReceipt(callId: number): boolean {
    return this.#uncovered.has(callId) || this.#leafOf.get(callId) !== undefined;
  }
  isFaultCovered(callId: number): boolean {
    return this.#coveredFaults.has(callId);
  }
  hasFault(callId: number): boolean {
    return this.#faults.has(callId) || this.#coveredFaults.has(callId);
  }

  apply(record: JournalRecord): void {
    switch (record.type) {
      case "reserved":
        this.reservedBelow = record.below;
        return;
      case "receipt":
        this.addReceipt(record.callId, record.receipt, decodeReceipt(record.receipt));
        return;
      case "fault":
        this.#faults.add(record.callId);
        return;
      case "waived":
        this.#waive(record.callId);
        return;
      case "writtenOff":
        this.writtenOff += record.credits;
        return;
      case "proposed":
        this.proposal = record;
        this.signedSeq = record.state.seq;
        return;
      case "withdrawn":
        this.proposal = null;
        return;
      case "accepted": {
        const { state, operatorSig, callIds, faultIds } = this.proposal!;
        this.proposal = null;
        this.#cover({ state, operatorSig, sessionKeySig: record.sessionKeySig }, callIds, faultIds);
        return;
      }
      case "cosigned":
        this.signedSeq = record.signed.state.seq;
        this.#cover(record.signed, record.callIds, record.faultIds);
        return;
      case "adopted":
        this.proposal = null;
        this.full = record.signed;
        return;
      case "closing":
        this.closing = true;
        return;
      case "halted":
        this.halt = { code: record.code, message: record.message };
        return;
    }
  }

  /** The `receipt` record, for those who have the receipt decoded already. */
  addReceipt(callId: number, encoded: Uint8Array, receipt: Receipt): bigint {
    const credits = creditsUp(this.#terms.tariff, receipt.usage);
    this.#uncovered.set(callId, { receipt: encoded, credits, breached: receipt.breached });
    this.#uncoveredCredits += credits;
    return credits;
  }

  /**
   * The state that follows the newest full one when it covers these calls and faults too, in this order.
   * All must be uncovered, none twice.
   */
  draft(callIds: readonly number[], faultIds: readonly number[], seq: bigint, isFinal: boolean): SessionState {
    const base = this.full?.state;
    let creditsUsed = base?.creditsUsed ?? 0n;
    let breaches = (base?.breaches ?? 0n) + BigInt(faultIds.length);
    this.#tree.truncate(this.#receipts.size);
    for (const callId of callIds) {
      const result = this.#uncovered.get(callId)!;
      // Hashed now and not before: thousands wait, and each more object that waits is work for the garbage collector.
      this.#tree.append(encodedReceiptLeaf(result.receipt));
      creditsUsed += result.credits;
      if (result.breached) breaches += 1n;
    }
    this.#draftedSeq = seq;
    return {
      sessionId: this.#terms.sessionId,
      seq,
      creditsUsed,
      invocations: (base?.invocations ?? 0n) + BigInt(callIds.length + faultIds.length),
      breaches,
      receiptsRoot: toHex(this.#tree.root()),
      isFinal,
    };
  }

  /** A covered call's receipt with its proof under the newest full state, or null. */
  prove(callId: number): ProvenReceipt | null {
    const leafIndex = this.#leafOf.get(callId);
    if (leafIndex === undefined || this.#explained === null) return null;
    const size = this.#receipts.size;
    return {
      receipt: decodeReceipt(this.#receipts.at(leafIndex)),
      leafIndex,
      path: this.#tree.prove(leafIndex, size),
      size,
      root: this.#tree.root(size),
      state: this.#explained,
    };
  }

  /** Calls under the newest full state, in the order of their leaves. */
  get coveredCalls(): number[] {
    return this.#leafOf.callIds();
  }

  #waive(callId: number): void {
    const result = this.#uncovered.get(callId);
    if (result === undefined) return;
    this.#uncovered.delete(callId);
    this.#uncoveredCredits -= result.credits;
    this.writtenOff += result.credits;
  }

  #cover(signed: SignedState, callIds: readonly number[], faultIds: readonly number[]): void {
    const { state } = signed;
    if (this.#draftedSeq !== state.seq && !sameState(this.draft(callIds, faultIds, state.seq, state.isFinal), state)) {
      throw new DemecError("session/state-mismatch", `State ${state.seq} isn't what its receipts make.`);
    }
    this.#draftedSeq = null;
    for (const callId of callIds) {
      const result = this.#uncovered.get(callId)!;
      this.#uncovered.delete(callId);
      this.#uncoveredCredits -= result.credits;
      this.#leafOf.set(callId, this.#receipts.size);
      this.#receipts.append(result.receipt);
    }
    for (const callId of faultIds) {
      this.#faults.delete(callId);
      this.#coveredFaults.add(callId);
    }
    this.full = signed;
    this.#explained = signed;
  }
}
