import type { Address, Hex } from "@demec/protocol";
import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { inLogOrder } from "../logs.ts";
import { getContractEvents } from "../reads.ts";
import type { ReadClient } from "../types.ts";

/** A purchase from the market, or a sale to it. */
export interface Trade {
  readonly kind: "bought" | "sold";
  readonly account: Address;
  /** 18 decimals. */
  readonly credits: bigint;
  /** Paid, fees included, or received; payment-token base units. */
  readonly money: bigint;
  readonly blockNumber: bigint;
  /** Its place in the block: with the block's number, what tells one trade from another. */
  readonly logIndex: number;
  readonly transactionHash: Hex;
}

/** Purchases and sales of a service's credits, in order. @throws chain/rpc */
export async function listTrades(client: ReadClient, deployment: Deployment, serviceId: bigint): Promise<Trade[]> {
  const filter = {
    address: deployment.market,
    abi: bezierMarketAbi,
    args: { serviceId },
    fromBlock: deployment.deploymentBlock,
    strict: true,
  } as const;
  const [bought, sold] = await Promise.all([
    getContractEvents(client, { ...filter, eventName: "Bought" }),
    getContractEvents(client, { ...filter, eventName: "Sold" }),
  ]);
  return inLogOrder([...bought, ...sold]).map(({ eventName, args, blockNumber, logIndex, transactionHash }) => ({
    ...(eventName === "Bought"
      ? { kind: "bought", account: args.buyer, credits: args.credits, money: args.cost }
      : { kind: "sold", account: args.seller, credits: args.credits, money: args.proceeds }),
    ...{ blockNumber, logIndex, transactionHash },
  }));
}
