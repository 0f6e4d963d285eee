import {
  advanceSettlement,
  type Deployment,
  type ReadClient,
  type SettlementProgress,
  type WriteClient,
} from "@demec/chain";
import type { Hex, SignedState } from "@demec/protocol";
import type { Logger } from "./logger.ts";

export interface SettlerOptions {
  readonly client: ReadClient;
  /** Operator's wallet: it pays gas and may start to close. */
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  readonly logger: Logger;
}

/** Brings sessions to the chain, step by step: a step that fails is simply tried again at the next review. */
export class Settler {
  readonly #options: SettlerOptions;
  readonly #ending = new Set<Hex>();

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** From the next review on the session is brought to its end. */
  end(sessionId: Hex): void {
    this.#ending.add(sessionId);
  }

  /**
   * One step towards what the chain should know of a session.
   * @param newest newest durable state with both signatures
   */
  async review(sessionId: Hex, newest: SignedState | null): Promise<SettlementProgress["type"]> {
    const { client, wallet, deployment, logger } = this.#options;
    const end = this.#ending.has(sessionId);
    const progress = await advanceSettlement(client, wallet, deployment, { sessionId, newest, end });
    if (progress.type === "settled") {
      const { providerAmount, buyerAmount, bondPenalty, state } = progress.settlement;
      const { seq, creditsUsed } = state;
      logger.info({ sessionId, seq, creditsUsed, providerAmount, buyerAmount, bondPenalty }, "session settled");
      this.forget(sessionId);
    }
    return progress.type;
  }

  /** The session is over, or not there any more. */
  forget(sessionId: Hex): void {
    this.#ending.delete(sessionId);
  }
}
