import type { Address } from "@demec/protocol";
import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { defaultDeadline, execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

export interface SellCreditsParameters {
  readonly serviceId: bigint;
  /** 18 decimals, > 0. */
  readonly credits: bigint;
  /** Least to get; payment-token base units. */
  readonly minProceeds: bigint;
  /** Who gets the proceeds; the caller by default. */
  readonly recipient?: Address;
  /** Last second at which it may happen; 20 minutes by default. */
  readonly deadline?: bigint;
  /** Leave the proceeds in the market as a claim of the recipient instead of sending them. */
  readonly keepAsClaim?: boolean;
}

export interface Sale extends Mined {
  readonly credits: bigint;
  readonly proceeds: bigint;
  /** Credits outstanding afterwards. */
  readonly supply: bigint;
}

/** Sells credits along the curve; no fee. @throws chain/slippage, chain/deadline-passed, chain/insufficient-credits */
export async function sellCredits(
  client: WriteClient,
  deployment: Deployment,
  { serviceId, credits, minProceeds, recipient, deadline, keepAsClaim = false }: SellCreditsParameters,
): Promise<Sale> {
  const receipt = await execute(client, deployment, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: keepAsClaim ? "sell" : "sellAndWithdraw",
    args: [
      serviceId,
      credits,
      minProceeds,
      recipient ?? client.account.address,
      deadline ?? (await defaultDeadline(client)),
    ],
  });
  const { proceeds, supply } = eventOf(receipt, bezierMarketAbi, "Sold").args;
  return { ...mined(receipt), credits, proceeds, supply };
}
