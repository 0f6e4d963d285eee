import type { Address } from "@demec/protocol";
import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { defaultDeadline, execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { WriteClient } from "../types.ts";
import type { Sale } from "./sellCredits.ts";

export interface SellToPriceParameters {
  readonly serviceId: bigint;
  /** What every credit must yield at least; payment-token base units per whole credit × 1e18. */
  readonly minPriceWad: bigint;
  /** Most to sell; 18 decimals, > 0. */
  readonly maxCredits: bigint;
  /** Whose claim the proceeds become; the caller's by default. */
  readonly recipient?: Address;
  /** Last second at which it may happen; 20 minutes by default. */
  readonly deadline?: bigint;
}

/**
 * Sells the caller's credits down the curve, as far as its price stays at `minPriceWad`; the proceeds stay in the market as
 * a claim. @throws chain/zero-amount when there is nothing to sell at that price; curve/out-of-range when the curve never
 * gets there; chain/deadline-passed, chain/insufficient-credits
 */
export async function sellToPrice(
  client: WriteClient,
  deployment: Deployment,
  { serviceId, minPriceWad, maxCredits, recipient, deadline }: SellToPriceParameters,
): Promise<Sale> {
  const receipt = await execute(client, deployment, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "sellToPrice",
    args: [
      serviceId,
      minPriceWad,
      maxCredits,
      recipient ?? client.account.address,
      deadline ?? (await defaultDeadline(client)),
    ],
  });
  const { credits, proceeds, supply } = eventOf(receipt, bezierMarketAbi, "Sold").args;
  return { ...mined(receipt), credits, proceeds, supply };
}
