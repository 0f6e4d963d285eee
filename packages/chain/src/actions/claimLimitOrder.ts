import { limitOrdersAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

export interface ClaimedLimitOrder extends Mined {
  /** Credits that were sold since the last claim. */
  readonly credits: bigint;
  /** For them, the tip taken off; payment-token base units. */
  readonly proceeds: bigint;
}

/**
 * Makes what an order has earned a claim of its owner in the market (`withdrawClaim` pays it out); anyone may call it.
 * @throws chain/unknown-order, chain/nothing-to-claim
 */
export async function claimLimitOrder(
  client: WriteClient,
  deployment: Deployment,
  { orderId }: { orderId: bigint },
): Promise<ClaimedLimitOrder> {
  const receipt = await execute(client, deployment, {
    address: deployment.limitOrders,
    abi: limitOrdersAbi,
    functionName: "claim",
    args: [orderId],
  });
  const { credits, proceeds } = eventOf(receipt, limitOrdersAbi, "OrderClaimed").args;
  return { ...mined(receipt), credits, proceeds };
}
