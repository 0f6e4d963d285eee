import type { Snapshot } from "./journal.ts";
import { Ledger, type ProvenReceipt } from "./ledger.ts";
import type { SessionTerms } from "./terms.ts";

/** A receipt that can be proved to anybody, and the call that it is of. */
export interface ArchivedReceipt extends ProvenReceipt {
  readonly callId: number;
}

/**
 * All receipts of a session that its newest co-signed state covers, in the order of their leaves, each with its proof: what is
 * worth keeping of a journal that is to be dropped.
 * @throws session/journal-corrupt
 */
export function* provenReceipts(terms: SessionTerms, snapshot: Snapshot): Generator<ArchivedReceipt> {
  const ledger = new Ledger(terms, snapshot);
  for (const callId of ledger.coveredCalls) {
    const proven = ledger.prove(callId);
    if (proven !== null) yield { callId, ...proven };
  }
}
