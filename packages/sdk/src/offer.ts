import type { Deployment, Provider } from "@demec/chain";
import { type Address, assertSigned, DemecError } from "@demec/protocol";
import type { SignedOffer } from "./providerLink.ts";

export interface AskedOffer {
  readonly serviceId: bigint;
  readonly buyer: Address;
  /** Of the session that is wanted; 18 decimals. */
  readonly credits: bigint;
}

/**
 * Sees to it that an offer is what was asked for, and signed by the operator that the chain has for its provider.
 * @throws sdk/bad-offer, protocol/bad-signature
 */
export function assertOffer(
  { offer, operatorSig }: SignedOffer,
  asked: AskedOffer,
  provider: Pick<Provider, "owner" | "operator">,
  deployment: Deployment,
): void {
  const { serviceId, buyer, credits } = asked;
  if (
    !same(offer.provider, provider.owner) ||
    !same(offer.buyer, buyer) ||
    offer.serviceId !== serviceId ||
    credits < offer.minCredits ||
    credits > offer.maxCredits
  ) {
    throw new DemecError("sdk/bad-offer", `Provider ${provider.owner} offered something other than was asked.`, {
      details: { offer },
    });
  }
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
  assertSigned(provider.operator, domain, "Offer", offer, operatorSig);
}

function same(left: Address, right: Address): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
