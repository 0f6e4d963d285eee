import { bezierMarketAbi, slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf, eventsOf } from "../logs.ts";
import { paymentArgument } from "../signPayment.ts";
import type { WriteClient } from "../types.ts";
import type { OpenedSession } from "./openSession.ts";
import type { SignedSessionOrder } from "./signSessionOrder.ts";

export interface BoughtSession extends OpenedSession {
  /** Paid in all, fees included; payment-token base units. */
  readonly cost: bigint;
  readonly protocolFee: bigint;
  readonly royalty: bigint;
  /** What came in beyond the cost; it is the payer's claim in the market. */
  readonly excess: bigint;
}

/**
 * Sends a signed order for a session. Any account may send one paid by `permit2` or `authorization`.
 * @throws payment/refused, payment/used, payment/failed, payment/foreign-payer, chain/slippage, chain/offer-used, …
 */
export async function submitSessionOrder(
  client: WriteClient,
  deployment: Deployment,
  { offer, operatorSig, intent, payment }: SignedSessionOrder,
): Promise<BoughtSession> {
  const receipt = await execute(client, deployment, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    functionName: "buyAndOpen",
    args: [offer, operatorSig, intent, paymentArgument(payment)],
  });
  const { sessionId, params } = eventOf(receipt, slaEscrowAbi, "SessionOpened").args;
  const { cost, protocolFee, royalty } = eventOf(receipt, bezierMarketAbi, "BoughtForSession").args;
  const excess = eventsOf(receipt, bezierMarketAbi, "ExcessCredited")[0]?.args.amount ?? 0n;
  return { ...mined(receipt), sessionId, params, cost, protocolFee, royalty, excess };
}
