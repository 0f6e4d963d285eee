import type { SignedState } from "@demec/protocol";
import type { Snapshot } from "@demec/session";

/** What this browser holds of a session. */
export interface Ledger {
  /** Newest state that carries both signatures. */
  readonly signed: SignedState | null;
  /** Calls whose results are here and that no such state covers yet. */
  readonly unsigned: number;
}

/** Reads a buyer's journal of one session. */
export function ledgerOf({ records }: Snapshot): Ledger {
  let signed: SignedState | null = null;
  const open = new Set<number>();
  for (const record of records) {
    if (record.type === "receipt") open.add(record.callId);
    else if (record.type === "waived") open.delete(record.callId);
    else if (record.type === "cosigned") {
      for (const callId of record.callIds) open.delete(callId);
      if (signed === null || record.signed.state.seq > signed.state.seq) signed = record.signed;
    } else if (record.type === "adopted" && (signed === null || record.signed.state.seq > signed.state.seq)) {
      signed = record.signed;
    }
  }
  return { signed, unsigned: open.size };
}
