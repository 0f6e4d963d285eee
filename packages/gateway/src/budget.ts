import { DemecError } from "@demec/protocol";
import type { Books } from "./books.ts";
import type { BudgetPolicy } from "./options.ts";

/**
 * What the calls of one endpoint may cost: reserved by their worst case before they run, then booked as they cost. A call
 * that the process did not live to book stays booked by its worst case.
 */
export class Budget {
  readonly #policy: BudgetPolicy;
  readonly #books: Books;
  readonly #name: string;

  /** @param name of the endpoint in the books */
  constructor(policy: BudgetPolicy, books: Books, name: string) {
    this.#policy = policy;
    this.#books = books;
    this.#name = name;
  }

  /** Spent and reserved; payment-token base units. */
  get spent(): bigint {
    return this.#books.get(this.#name);
  }

  /**
   * @param worst most that the call can cost
   * @returns books what it did cost, at most `worst`; to be called once
   * @throws gateway/over-budget, session/journal-failed
   */
  async reserve(subject: string, worst: bigint): Promise<(cost: bigint) => void> {
    const { total, perSubject } = this.#policy;
    this.#assertFits("total", total - this.spent, worst);
    this.#assertFits("subject", perSubject - this.#books.get(this.#nameOf(subject)), worst);
    // Where it can't be written the amount is on disk or not: it stays reserved.
    await this.#book(subject, worst);
    return (cost) => void this.#book(subject, cost - worst).catch(() => undefined);
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

  async #book(subject: string, amount: bigint): Promise<void> {
    await Promise.all([this.#books.add(this.#name, amount), this.#books.add(this.#nameOf(subject), amount)]);
  }

  #nameOf(subject: string): string {
    return `${this.#name} ${subject}`;
  }
}
