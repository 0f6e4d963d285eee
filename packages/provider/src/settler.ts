import { advanceSettlement, type Deployment, type ReadClient, type WriteClient } from "@demec/chain";
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
   * @returns true once the session is settled
   */
  async review(sessionId: Hex, newest: SignedState | null): Promise<boolean> {
    const { client, wallet, deployment, logger } = this.#options;
    const end = this.#ending.has(sessionId);
    const progress = await advanceSettlement(client, wallet, deployment, { sessionId, newest, end });
    if (progress.type !== "settled") return false;
    const { providerAmount, buyerAmount, bondPenalty, state } = progress.settlement;
    logger.info(
      { sessionId, seq: state.seq, creditsUsed: state.creditsUsed, providerAmount, buyerAmount, bondPenalty },
      "session settled",
    );
    this.#ending.delete(sessionId);
    return true;
  }
}
