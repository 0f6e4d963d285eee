import { type Address, type Ask, askOf } from "@demec/protocol";
import { maxUint256 } from "viem";
import { limitOrdersAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventsOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

export interface FillLimitOrdersParameters {
  readonly serviceId: bigint;
  /** Most to sell, 18 decimals; all that can be by default. */
  readonly maxCredits?: bigint;
  /** Most stretches of orders that wait behind each other in one tick; 8 by default. It bounds the gas. */
  readonly maxRuns?: number;
  /** Least to get for it, payment-token base units; 0 by default. */
  readonly minTip?: bigint;
  /** Whose claim in the market the tip becomes; the caller's by default. */
  readonly tipTo?: Address;
}

/** One stretch of orders that was sold. Money is in payment-token base units. */
export interface FilledRun {
  readonly ask: Ask;
  readonly credits: bigint;
  /** What the curve paid, tip included. */
  readonly proceeds: bigint;
  readonly tip: bigint;
}

export interface FilledLimitOrders extends Mined {
  readonly runs: FilledRun[];
  readonly credits: bigint;
  readonly tip: bigint;
}

/**
 * Sells along the curve for the orders whose turn it is, as far as their prices allow; anyone may, for the tip.
 * @throws chain/nothing-to-fill, chain/slippage for a tip below the least
 */
export async function fillLimitOrders(
  client: WriteClient,
  deployment: Deployment,
  { serviceId, maxCredits = maxUint256, maxRuns = 8, minTip = 0n, tipTo }: FillLimitOrdersParameters,
): Promise<FilledLimitOrders> {
  const receipt = await execute(client, deployment, {
    address: deployment.limitOrders,
    abi: limitOrdersAbi,
    functionName: "fill",
    args: [serviceId, maxCredits, BigInt(maxRuns), minTip, tipTo ?? client.account.address],
  });
  const runs = eventsOf(receipt, limitOrdersAbi, "OrdersFilled").map(({ args }) => ({
    ask: askOf(args.tick),
    credits: args.credits,
    proceeds: args.proceeds,
    tip: args.tip,
  }));
  const sum = (field: "credits" | "tip") => runs.reduce((total, run) => total + run[field], 0n);
  return { ...mined(receipt), runs, credits: sum("credits"), tip: sum("tip") };
}
