import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf, eventsOf } from "../logs.ts";
import { paymentArgument } from "../signPayment.ts";
import type { WriteClient } from "../types.ts";
import type { Purchase } from "./buyCredits.ts";
import type { SignedPurchase } from "./signPurchase.ts";

export interface PaidPurchase extends Purchase {
  /** What came in beyond the cost; it is the payer's claim in the market. Payment-token base units. */
  readonly excess: bigint;
}

/**
 * Sends a signed purchase. Any account may send one paid by `permit2` or `authorization`.
 * @throws payment/refused, payment/used, payment/failed, payment/foreign-payer, chain/slippage, chain/deadline-passed, …
 */
export async function submitPurchase(
  client: WriteClient,
  deployment: Deployment,
  { intent, payment }: SignedPurchase,
): Promise<PaidPurchase> {
  const receipt = await execute(client, deployment, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "buyWith",
    args: [intent, paymentArgument(payment)],
  });
  const { credits, cost, protocolFee, royalty, supply } = eventOf(receipt, bezierMarketAbi, "Bought").args;
  const excess = eventsOf(receipt, bezierMarketAbi, "ExcessCredited")[0]?.args.amount ?? 0n;
  return { ...mined(receipt), credits, cost, protocolFee, royalty, supply, excess };
}
