import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

export interface BuyQuote {
  /** Payment-token base units, fees included. */
  readonly cost: bigint;
  readonly protocolFee: bigint;
  readonly royalty: bigint;
}

/** What buying `credits` (18 decimals) would cost now. @throws chain/unknown-service */
export async function quoteBuy(
  client: ReadClient,
  deployment: Deployment,
  { serviceId, credits }: { serviceId: bigint; credits: bigint },
): Promise<BuyQuote> {
  const [cost, protocolFee, royalty] = await read(client, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "quoteBuy",
    args: [serviceId, credits],
  });
  return { cost, protocolFee, royalty };
}
