import type { Deployment } from "../addresses.ts";
import type { WriteClient } from "../types.ts";
import { type PurchaseParameters, signPurchase } from "./signPurchase.ts";
import { type PaidPurchase, submitPurchase } from "./submitPurchase.ts";

/**
 * Buys credits in one transaction, without an approval before it: the token gives the allowance by ERC-2612 permit.
 * @throws payment/refused, payment/method-unsupported, chain/slippage, …
 */
export async function buyCreditsWithPermit(
  client: WriteClient,
  deployment: Deployment,
  parameters: PurchaseParameters,
): Promise<PaidPurchase> {
  return submitPurchase(
    client,
    deployment,
    await signPurchase(client, deployment, { ...parameters, method: "permit" }),
  );
}

/**
 * Buys credits by a Permit2 transfer that is good for this purchase alone. The payer has approved Permit2 for the token
 * once. @throws payment/refused, payment/failed, chain/slippage, …
 */
export async function buyCreditsWithPermit2(
  client: WriteClient,
  deployment: Deployment,
  parameters: PurchaseParameters,
): Promise<PaidPurchase> {
  return submitPurchase(
    client,
    deployment,
    await signPurchase(client, deployment, { ...parameters, method: "permit2" }),
  );
}

/**
 * Buys credits in one transaction, without any approval: an ERC-3009 authorisation of `maxCost`; what is left over becomes
 * a claim (`withdrawClaim`). @throws payment/refused, payment/method-unsupported, chain/slippage, …
 */
export async function buyCreditsWithAuthorization(
  client: WriteClient,
  deployment: Deployment,
  parameters: PurchaseParameters,
): Promise<PaidPurchase> {
  const signed = await signPurchase(client, deployment, { ...parameters, method: "authorization" });
  return submitPurchase(client, deployment, signed);
}
