import { bezierMarketAbi, slaEscrowAbi } from "@demec/chain";
import { type Abi, decodeFunctionData, erc20Abi, type Hex } from "viem";

const ABI = [...bezierMarketAbi, ...slaEscrowAbi, ...erc20Abi] as Abi;
const WORDS: Readonly<Record<string, string>> = {
  approve: "Allow the market to take a payment",
  buy: "Buy credits",
  buyWith: "Buy credits",
  sell: "Sell credits",
  sellToPrice: "Sell credits down to a price",
  withdraw: "Withdraw from the market",
  open: "Open a session",
  openWith: "Buy credits and open a session",
  close: "Close a session",
  startClose: "Begin to close a session",
  startClosing: "Begin to close a session",
  finishClosing: "Finish closing a session",
  challenge: "Answer with a newer state",
};

/** What a transaction of the SDK does, in words. */
export function describeTransaction(data: Hex | undefined): string {
  try {
    const { functionName } = decodeFunctionData({ abi: ABI, data: data ?? "0x" });
    return WORDS[functionName] ?? "Transaction";
  } catch {
    return "Transaction";
  }
}
