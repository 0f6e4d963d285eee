import {
  type Address,
  type Hex,
  type Offer,
  type Payment,
  type PaymentMethod,
  type SessionIntent,
  typedDataDigest,
} from "@demec/protocol";
import type { Deployment } from "../addresses.ts";
import { defaultDeadline } from "../execute.ts";
import { randomNonce, signPayment } from "../signPayment.ts";
import type { WriteClient } from "../types.ts";

export interface SessionOrderParameters {
  readonly offer: Offer;
  /** Of the provider's operator over the offer, domain: the escrow. */
  readonly operatorSig: Hex;
  /** 18 decimals, within the offer's limits. */
  readonly credits: bigint;
  /** Address of the ephemeral key that will sign the session's states. */
  readonly sessionKey: Address;
  /** Most to pay, fees included; payment-token base units. An authorisation moves all of it; the rest becomes a claim. */
  readonly maxCost: bigint;
  /** Least escrow value to accept for the credits, payment-token base units; 1 by default. */
  readonly minValue?: bigint;
  /** Last second at which it may happen; 20 minutes by default. */
  readonly deadline?: bigint;
  /** A number the payer has not used with this method; random by default. */
  readonly nonce?: bigint;
}

/** An order for a session with its payer's consent: what `submitSessionOrder` sends. */
export interface SignedSessionOrder {
  readonly offer: Offer;
  readonly operatorSig: Hex;
  readonly intent: SessionIntent;
  readonly payment: Payment;
}

/**
 * Asks the client's account to sign for a session that is opened with credits bought at once; nothing is sent. The payer is
 * the session's buyer, whoever sends it; with `allowance` and `permit` only the payer can.
 * @throws chain/unknown-service, payment/method-unsupported
 */
export async function signSessionOrder(
  client: WriteClient,
  deployment: Deployment,
  { method, ...parameters }: SessionOrderParameters & { readonly method: PaymentMethod },
): Promise<SignedSessionOrder> {
  const { offer, operatorSig } = parameters;
  const { chainId, escrow } = deployment;
  const intent: SessionIntent = {
    serviceId: offer.serviceId,
    offerDigest: typedDataDigest({ chainId, verifyingContract: escrow }, "Offer", offer),
    credits: parameters.credits,
    sessionKey: parameters.sessionKey,
    maxCost: parameters.maxCost,
    minValue: parameters.minValue ?? 1n,
    deadline: parameters.deadline ?? (await defaultDeadline(client)),
    nonce: parameters.nonce ?? randomNonce(),
  };
  const payment = await signPayment(client, deployment, method, "SessionIntent", intent);
  return { offer, operatorSig, intent, payment };
}
