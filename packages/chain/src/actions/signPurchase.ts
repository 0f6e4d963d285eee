import type { Address, BuyIntent, Payment, PaymentMethod } from "@demec/protocol";
import type { Deployment } from "../addresses.ts";
import { defaultDeadline } from "../execute.ts";
import { randomNonce, signPayment } from "../signPayment.ts";
import type { WriteClient } from "../types.ts";

export interface PurchaseParameters {
  readonly serviceId: bigint;
  /** 18 decimals, > 0. */
  readonly credits: bigint;
  /** Most to pay, fees included; payment-token base units. An authorisation moves all of it; the rest becomes a claim. */
  readonly maxCost: bigint;
  /** Who gets the credits; the payer by default. */
  readonly recipient?: Address;
  /** Last second at which it may happen; 20 minutes by default. */
  readonly deadline?: bigint;
  /** A number the payer has not used with this method; random by default. */
  readonly nonce?: bigint;
}

/** A purchase with its payer's consent: what `submitPurchase` sends. */
export interface SignedPurchase {
  readonly intent: BuyIntent;
  readonly payment: Payment;
}

/**
 * Asks the client's account to sign a purchase; nothing is sent. With `permit2` and `authorization` anyone can send what
 * comes back, and it does just what was signed; with `allowance` and `permit` only the payer can.
 * @throws chain/unknown-service, payment/method-unsupported
 */
export async function signPurchase(
  client: WriteClient,
  deployment: Deployment,
  { method, ...parameters }: PurchaseParameters & { readonly method: PaymentMethod },
): Promise<SignedPurchase> {
  const intent: BuyIntent = {
    serviceId: parameters.serviceId,
    credits: parameters.credits,
    maxCost: parameters.maxCost,
    recipient: parameters.recipient ?? client.account.address,
    deadline: parameters.deadline ?? (await defaultDeadline(client)),
    nonce: parameters.nonce ?? randomNonce(),
  };
  return { intent, payment: await signPayment(client, deployment, method, "BuyIntent", intent) };
}
