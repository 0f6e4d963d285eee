import type { Hex } from "@demec/protocol";
import type { JournalRecord } from "@demec/session";
import { LevelJournal } from "@demec/session/node";
import { bytesToHex } from "viem";
import type { Evidence } from "./ledger.ts";

/** What the journal in a folder says of each of its sessions; nobody may have it open. */
export async function readEvidence(folder: string): Promise<ReadonlyMap<Hex, Evidence>> {
  const journal = await LevelJournal.open(folder);
  try {
    const evidence = new Map<Hex, Evidence>();
    for (const sessionId of await journal.list()) {
      const snapshot = await journal.load(sessionId);
      evidence.set(sessionId, evidenceIn(snapshot?.records ?? []));
    }
    return evidence;
  } finally {
    await journal.close();
  }
}

/** Receipts in the order in which states came to cover them, on either side. */
function evidenceIn(records: readonly JournalRecord[]): Evidence {
  const receipts = new Map<number, Hex>();
  const leaves: Hex[] = [];
  const sizes = new Map([[0n, 0]]);
  let proposed: readonly number[] = [];
  const cover = (seq: bigint, callIds: readonly number[]) => {
    leaves.push(...callIds.map((callId) => receipts.get(callId)!));
    sizes.set(seq, leaves.length);
  };
  for (const record of records) {
    if (record.type === "receipt") receipts.set(record.callId, bytesToHex(record.receipt));
    if (record.type === "proposed") proposed = record.callIds;
    if (record.type === "accepted") cover(record.seq, proposed);
    if (record.type === "cosigned") cover(record.signed.state.seq, record.callIds);
  }
  return { leaves, sizes };
}
