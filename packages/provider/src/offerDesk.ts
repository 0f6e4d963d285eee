import {
  type Address,
  type AdvertisedService,
  DemecError,
  type Hex,
  type Offer,
  type OfferRequest,
  type SigningDomain,
  signMessageOf,
} from "@demec/protocol";
import type { ProviderPolicy } from "./policy.ts";

export interface OfferDeskOptions {
  readonly domain: SigningDomain;
  /** The provider's owner account: whose stake backs the offer. */
  readonly owner: Address;
  readonly operatorPrivateKey: Hex;
  readonly policy: ProviderPolicy;
  /** Least bond per credit of a service that is served here; undefined: not served. */
  readonly minBondPerCredit: (serviceId: bigint) => bigint | undefined;
  /** Sessions open at the moment. */
  readonly openSessions: () => number;
  /** Of these, those of one buyer. */
  readonly sessionsOf: (buyer: Address) => number;
  /** 256 random bits, fresh for each offer. */
  readonly randomNonce: () => bigint;
  /** Unix seconds, as the chain will count them. */
  readonly now: () => bigint;
}

/** Signs offers: the provider's consent to lock stake for one session. A provider at capacity simply stops offering. */
export class OfferDesk {
  readonly #options: OfferDeskOptions;

  constructor(options: OfferDeskOptions) {
    this.#options = options;
  }

  /**
   * @throws provider/service-not-served, provider/credits-out-of-range: asking again changes nothing
   * @throws provider/at-capacity: later it may
   */
  sign(request: Pick<OfferRequest, "serviceId" | "buyer" | "credits">): { offer: Offer; operatorSig: Hex } {
    const { policy, domain, owner, operatorPrivateKey, minBondPerCredit, openSessions, sessionsOf } = this.#options;
    const { randomNonce, now } = this.#options;
    const { serviceId, credits } = request;
    const serviceBond = minBondPerCredit(serviceId);
    if (serviceBond === undefined) {
      throw new DemecError("provider/service-not-served", `Service ${serviceId} is not served here.`, {
        details: { serviceId },
      });
    }
    if (credits < policy.minCredits || credits > policy.maxCredits) {
      throw new DemecError(
        "provider/credits-out-of-range",
        `A session of ${credits} credit units is outside ${policy.minCredits} … ${policy.maxCredits}.`,
        { details: { credits, minCredits: policy.minCredits, maxCredits: policy.maxCredits } },
      );
    }
    if (openSessions() >= policy.maxSessions) {
      throw new DemecError("provider/at-capacity", `All ${policy.maxSessions} sessions are taken.`, {
        details: { maxSessions: policy.maxSessions },
      });
    }
    if (sessionsOf(request.buyer) >= policy.maxSessionsPerBuyer) {
      throw new DemecError(
        "provider/at-buyer-limit",
        `Buyer ${request.buyer} has ${policy.maxSessionsPerBuyer} sessions open.`,
        { details: { buyer: request.buyer, maxSessionsPerBuyer: policy.maxSessionsPerBuyer } },
      );
    }
    const offer: Offer = {
      serviceId,
      provider: owner,
      buyer: request.buyer,
      minCredits: policy.minCredits,
      maxCredits: credits,
      minValuePerCredit: policy.minValuePerCredit,
      bondPerCredit: bondPerCredit(policy, serviceBond),
      demandMaxInputBytes: policy.demands?.maxInputBytes ?? 0,
      demandWindow: policy.demands?.windowSeconds ?? 0,
      demandDeposit: policy.demands?.deposit ?? 0n,
      expiry: now() + BigInt(policy.offerTtlSeconds),
      nonce: randomNonce(),
    };
    return { offer, operatorSig: signMessageOf(operatorPrivateKey, domain, "Offer", offer) };
  }

  /** What offers for these services would say now. */
  advertised(serviceIds: readonly bigint[]): AdvertisedService[] {
    const { policy, minBondPerCredit, openSessions } = this.#options;
    const { maxCredits, minValuePerCredit } = policy;
    const freeSessions = Math.max(0, policy.maxSessions - openSessions());
    return serviceIds.map((serviceId) => ({
      serviceId,
      freeSessions,
      maxCredits,
      minValuePerCredit,
      bondPerCredit: bondPerCredit(policy, minBondPerCredit(serviceId) ?? 0n),
    }));
  }
}

/** @param serviceBond least bond per credit that the service asks for */
function bondPerCredit(policy: ProviderPolicy, serviceBond: bigint): bigint {
  return policy.bondPerCredit > serviceBond ? policy.bondPerCredit : serviceBond;
}
