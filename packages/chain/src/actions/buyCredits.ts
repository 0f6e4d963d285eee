import type { Address } from "@demec/protocol";
import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { defaultDeadline, execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

export interface BuyCreditsParameters {
  readonly serviceId: bigint;
  /** 18 decimals, > 0. */
  readonly credits: bigint;
  /** Most to pay, fees included; payment-token base units. The market needs an allowance of the cost: `approveExact`. */
  readonly maxCost: bigint;
  /** Who gets the credits; the caller by default. */
  readonly recipient?: Address;
  /** Last second at which it may happen; 20 minutes by default. */
  readonly deadline?: bigint;
}

export interface Purchase extends Mined {
  readonly credits: bigint;
  /** Paid in all, fees included. */
  readonly cost: bigint;
  readonly protocolFee: bigint;
  readonly royalty: bigint;
  /** Credits outstanding afterwards. */
  readonly supply: bigint;
}

/** Buys credits along the curve. @throws chain/slippage, chain/deadline-passed, chain/insufficient-funds, chain/unknown-service */
export async function buyCredits(
  client: WriteClient,
  deployment: Deployment,
  { serviceId, credits, maxCost, recipient, deadline }: BuyCreditsParameters,
): Promise<Purchase> {
  const receipt = await execute(client, deployment, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "buy",
    args: [
      serviceId,
      credits,
      maxCost,
      recipient ?? client.account.address,
      deadline ?? (await defaultDeadline(client)),
    ],
  });
  const { cost, protocolFee, royalty, supply } = eventOf(receipt, bezierMarketAbi, "Bought").args;
  return { ...mined(receipt), credits, cost, protocolFee, royalty, supply };
}
