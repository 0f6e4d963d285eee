import { askOf, type TipBps, tickOf } from "@demec/protocol";
import { numberToHex } from "viem";
import { accessTokenAbi, limitOrdersAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

export interface PlaceLimitOrderParameters {
  readonly serviceId: bigint;
  /** 18 decimals, at least 10^18; cut to whole lots of the price. What is cut off stays with the caller. */
  readonly credits: bigint;
  /**
   * Least to get for every credit, tip taken off; payment-token base units per whole credit × 1e18. Rounded up to four
   * significant digits.
   */
  readonly priceWad: bigint;
  /** Most that whoever fills it gets of the proceeds, 1/10,000. At one price, higher tips go first. */
  readonly tipBps: TipBps;
}

export interface PlacedLimitOrder extends Mined {
  readonly orderId: bigint;
  /** As placed: whole lots. */
  readonly credits: bigint;
  /** As placed: on the grid. */
  readonly priceWad: bigint;
}

/**
 * Sends credits to the order book, to be sold along the curve once that pays the price for every one of them.
 * @throws protocol/out-of-range for a price or tip that isn't on the grid; curve/out-of-range for one that the curve never
 * reaches; chain/order-too-small, chain/insufficient-credits
 */
export async function placeLimitOrder(
  client: WriteClient,
  deployment: Deployment,
  { serviceId, credits, priceWad, tipBps }: PlaceLimitOrderParameters,
): Promise<PlacedLimitOrder> {
  const tick = tickOf(priceWad, tipBps);
  const ask = askOf(tick);
  const receipt = await execute(client, deployment, {
    address: deployment.accessToken,
    abi: accessTokenAbi,
    functionName: "safeTransferFrom",
    args: [
      client.account.address,
      deployment.limitOrders,
      serviceId,
      credits - (credits % ask.lot),
      numberToHex(tick, { size: 32 }),
    ],
  });
  const placed = eventOf(receipt, limitOrdersAbi, "OrderPlaced").args;
  return { ...mined(receipt), orderId: placed.orderId, credits: placed.credits, priceWad: ask.priceWad };
}
