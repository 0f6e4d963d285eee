import { DemecError, type Hex } from "@demec/protocol";
import type { TransactionReceipt } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { toDemecError } from "./errors.ts";
import type { ReadClient } from "./types.ts";

export interface AwaitTransactionOptions {
  /** How long it is waited for; milliseconds. */
  readonly timeoutMs?: number;
  /** How often the node is asked for its newest block; milliseconds. The client's own by default. */
  readonly pollMs?: number;
}

/**
 * Waits until a transaction is mined, also where its sender has raised its fee since: that has another hash.
 * @returns its receipt, whether it succeeded or not
 * @throws chain/transaction-replaced, chain/transaction-overdue; chain/rpc
 */
export async function awaitTransaction(
  client: ReadClient,
  hash: Hex,
  { timeoutMs = 180_000, pollMs }: AwaitTransactionOptions = {},
): Promise<TransactionReceipt> {
  let replacedBy: Hex | null = null;
  let receipt: TransactionReceipt;
  try {
    receipt = await waitForTransactionReceipt(client, {
      hash,
      timeout: timeoutMs,
      ...(pollMs !== undefined && { pollingInterval: pollMs }),
      onReplaced: ({ reason, transaction }) => {
        if (reason !== "repriced") replacedBy = transaction.hash;
      },
    });
  } catch (error) {
    // By name, not by class: there may be two copies of viem.
    if ((error as Error).name !== "WaitForTransactionReceiptTimeoutError") throw toDemecError(error);
    throw new DemecError("chain/transaction-overdue", `Transaction ${hash} is in no block after ${timeoutMs} ms.`, {
      details: { hash, timeoutMs },
    });
  }
  if (replacedBy === null) return receipt;
  throw new DemecError("chain/transaction-replaced", `Transaction ${hash} gave way to ${replacedBy} of its sender's.`, {
    details: { hash, replacedBy },
  });
}
