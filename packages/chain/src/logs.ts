import { DemecError } from "@demec/protocol";
import {
  type Abi,
  type ContractEventName,
  type ParseEventLogsReturnType,
  parseEventLogs,
  type TransactionReceipt,
} from "viem";

/** The one event of a name in a receipt, decoded. @throws chain/reverted when the transaction did not emit it */
export function eventOf<const abi extends Abi, name extends ContractEventName<abi>>(
  receipt: TransactionReceipt,
  abi: abi,
  eventName: name,
): ParseEventLogsReturnType<abi, name, true>[number] {
  const [log] = eventsOf(receipt, abi, eventName);
  if (log === undefined) {
    throw new DemecError("chain/reverted", `Transaction ${receipt.transactionHash} emitted no ${String(eventName)}.`, {
      details: { transactionHash: receipt.transactionHash, eventName },
    });
  }
  return log;
}

/** All events of a name in a receipt, decoded. */
export function eventsOf<const abi extends Abi, name extends ContractEventName<abi>>(
  receipt: TransactionReceipt,
  abi: abi,
  eventName: name,
): ParseEventLogsReturnType<abi, name, true> {
  return parseEventLogs({ abi: abi as Abi, logs: receipt.logs, eventName: eventName as string }) as never;
}

/** Logs in the order in which they were written. */
export function inLogOrder<L extends { readonly blockNumber: bigint; readonly logIndex: number }>(
  logs: readonly L[],
): L[] {
  return logs.toSorted((a, b) =>
    a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : Number(a.blockNumber - b.blockNumber),
  );
}
