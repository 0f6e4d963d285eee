import { DemecError } from "@demec/protocol";
import type { BudgetPolicy } from "./options.ts";

/** What the calls of one endpoint may cost: reserved by their worst case before they run, then booked as they cost. */
export class Budget {
  readonly #policy: BudgetPolicy;
  readonly #ofSubjects = new Map<string, bigint>();
  #all = 0n;

  constructor(policy: BudgetPolicy) {
    this.#policy = policy;
  }

  /** Spent and reserved; payment-token base units. */
  get spent(): bigint {
    return this.#all;
  }

  /**
   * @param worst most that the call can cost
   * @returns books what it did cost, at most `worst`; to be called once
   * @throws gateway/over-budget
   */
  reserve(subject: string, worst: bigint): (cost: bigint) => void {
    const { total, perSubject } = this.#policy;
    this.#assertFits("total", total - this.#all, worst);
    this.#assertFits("subject", perSubject - (this.#ofSubjects.get(subject) ?? 0n), worst);
    this.#book(subject, worst);
    return (cost) => this.#book(subject, cost - worst);
  }

  #assertFits(of: "total" | "subject", left: bigint, worst: bigint): void {
    if (worst <= left) return;
    const whose = of === "total" ? "this service" : "its caller";
    throw new DemecError(
      "gateway/over-budget",
      `The call may cost ${worst}, and the budget of ${whose} has ${left} left.`,
      {
        details: { of, worst, left },
      },
    );
  }

  #book(subject: string, amount: bigint): void {
    this.#all += amount;
    this.#ofSubjects.set(subject, (this.#ofSubjects.get(subject) ?? 0n) + amount);
  }
}
