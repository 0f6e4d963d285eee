import { type Address, DemecError } from "@demec/protocol";

interface Claim {
  readonly payer: Address;
  readonly token: Address;
  readonly amount: bigint;
  /** Of whose limit it takes. */
  readonly till: object;
}

/**
 * What the gateway is owed: payments from their verification until they are settled. One whose settlement failed stays: so
 * the losses that payers can cause by withdrawing their money are bounded by the same limit as the calls under way.
 */
export class Exposure {
  readonly #claims = new Map<string, Claim>();

  /** @throws gateway/busy */
  take(id: string, claim: Claim, maxUnpaid: bigint): void {
    const unpaid = this.unpaid(claim.till);
    if (unpaid + claim.amount > maxUnpaid) {
      throw new DemecError(
        "gateway/busy",
        `The call costs ${claim.amount}; of calls that are not settled there may be ${maxUnpaid}, and are ${unpaid}.`,
        { details: { unpaid, maxUnpaid, amount: claim.amount } },
      );
    }
    this.#claims.set(id, claim);
  }

  release(id: string): void {
    this.#claims.delete(id);
  }

  unpaid(till: object): bigint {
    return this.#sum((claim) => claim.till === till);
  }

  /** All that a payer has promised: each promise alone may be covered, and not their sum. */
  promised(payer: Address, token: Address): bigint {
    return this.#sum((claim) => claim.payer === payer && claim.token === token);
  }

  #sum(counts: (claim: Claim) => boolean): bigint {
    let sum = 0n;
    for (const claim of this.#claims.values()) if (counts(claim)) sum += claim.amount;
    return sum;
  }
}
