import { bezierMarketAbi, type Deployment, type ReadClient } from "@demec/chain";
import type { Address, Hex } from "@demec/protocol";
import { getContractEvents } from "viem/actions";

export interface Trade {
  readonly kind: "bought" | "sold";
  readonly credits: bigint;
  /** Paid, fees included, or received; payment-token base units. */
  readonly money: bigint;
  readonly account: Address;
  readonly blockNumber: bigint;
  readonly transactionHash: Hex;
}

/** The last trades of a service with the market, newest first. */
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
  const trades: (Trade & { readonly logIndex: number })[] = [
    ...bought.map(({ args, blockNumber, transactionHash, logIndex }) => ({
      ...{ kind: "bought" as const, credits: args.credits, money: args.cost, account: args.buyer },
      ...{ blockNumber, transactionHash, logIndex },
    })),
    ...sold.map(({ args, blockNumber, transactionHash, logIndex }) => ({
      ...{ kind: "sold" as const, credits: args.credits, money: args.proceeds, account: args.seller },
      ...{ blockNumber, transactionHash, logIndex },
    })),
  ];
  return trades.sort((a, b) =>
    a.blockNumber === b.blockNumber ? b.logIndex - a.logIndex : Number(b.blockNumber - a.blockNumber),
  );
}
