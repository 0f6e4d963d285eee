import { awaitTransaction, type ReadClient } from "@demec/chain";
import { isDemecError } from "@demec/protocol";
import { type Transaction, type TransactionStatus, transactions } from "./pending.ts";

/** What was sent so long ago and is in no block is overdue; milliseconds. */
const OVERDUE_MS = 180_000;
/** How long it is waited for at least, and how long after the endpoint did not answer. */
const LEAST_MS = 5_000;

/**
 * Waits until it is known what became of a transaction, and notes it. It is followed while it is overdue too: it may still
 * be mined.
 */
export async function followTransaction(client: ReadClient, sent: Transaction, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const timeoutMs = Math.max(LEAST_MS, sent.sentAt + OVERDUE_MS - Date.now());
    const status = await statusOf(client, sent, timeoutMs);
    if (status === null) await new Promise((resolve) => setTimeout(resolve, LEAST_MS));
    else transactions.mark(sent.hash, status);
    if (status !== null && status !== "overdue") return;
  }
}

/** Null where the endpoint does not say. */
async function statusOf(
  client: ReadClient,
  { hash }: Transaction,
  timeoutMs: number,
): Promise<TransactionStatus | null> {
  try {
    const { status } = await awaitTransaction(client, hash, { timeoutMs });
    return status === "success" ? "mined" : "failed";
  } catch (error) {
    if (isDemecError(error, "chain/transaction-replaced")) return "replaced";
    return isDemecError(error, "chain/transaction-overdue") ? "overdue" : null;
  }
}
