import type { CallResult } from "@demec/sdk";
import type { Answer } from "./answer.ts";

/** Who stands for the cost of one request, from before its call until it has been answered: a payment, or a budget. */
export interface Bill {
  /** The result of an earlier request on the same bill, which was not delivered; null: there is none, the call is to be made. */
  collect(): Promise<Answer | null>;
  /** Pays for a result. @returns the answer that may leave now */
  sell(answer: Answer): Promise<Answer>;
  /** Pays for output that is about to leave. @returns headers that tell of it */
  settle(): Promise<Readonly<Record<string, string>>>;
  /** The answer has left this machine. */
  delivered(): Promise<void>;
  /** The request has been answered. @param result of the call; null where it had none, and cost nothing */
  end(result: CallResult | null): void;
}

/** A bill that is booked to a budget, where what the call may cost is reserved. */
export function budgetBill(book: (credits: bigint) => void): Bill {
  return {
    collect: async () => null,
    sell: async (answer) => answer,
    settle: async () => ({}),
    delivered: async () => {},
    end: (result) => book(result?.credits ?? 0n),
  };
}
