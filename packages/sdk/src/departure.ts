import { advanceSettlement, type SettlementProgress } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import type { BuyerContext } from "./context.ts";
import type { PaidSession } from "./paidSession.ts";
import { settleFinal } from "./settle.ts";

/** How long a provider may take for the final state, and then to bring it to the chain; milliseconds. */
const FINAL_MS = 15_000;
const PATIENCE_MS = 10_000;
/** How often those that are left alone are looked after; milliseconds. */
const TEND_MS = 60_000;

/** A session that is left on chain by what this side holds of it. */
export type Leaving = Pick<PaidSession, "sessionId" | "state">;

/** Brings sessions to their end: with a final state where the provider answers, else alone. */
export class Departure {
  readonly #context: BuyerContext;
  /** Paid for and not usable: to be left alone, step by step. */
  readonly #alone = new Map<Hex, Leaving>();
  readonly #ending = new Set<Promise<void>>();
  /** Ended since somebody last asked. */
  #settled: SettlementProgress[] = [];
  #tending: ReturnType<typeof setInterval> | null = null;

  constructor(context: BuyerContext) {
    this.#context = context;
  }

  /** It can't be used any more: it is left step by step, in the background, and by `finish`. */
  strand(session: Leaving): void {
    this.#alone.set(session.sessionId, session);
    this.#tending ??= setInterval(() => void this.#advance().catch(() => undefined), TEND_MS);
    // A process that is done does not stay for this: the next one goes on with it.
    (this.#tending as { unref?: () => void }).unref?.();
  }

  /** Ends it in the background; `finish` waits for that. */
  begin(session: PaidSession): void {
    const ending = this.#end(session).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  /**
   * Ends all that was begun, and goes one step further with what is left alone.
   * @returns what has been settled since the last time, and how far the others are
   * @throws the first failure of a step, after all have been tried; what was settled is told the next time
   */
  async finish(): Promise<SettlementProgress[]> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
    const closing = await this.#advance();
    return [...this.#settled.splice(0), ...closing];
  }

  /** One step for each that is left alone. @returns how far they are */
  async #advance(): Promise<SettlementProgress[]> {
    const { client, wallet, deployment, spending } = this.#context;
    const closing: SettlementProgress[] = [];
    const failures: unknown[] = [];
    for (const { sessionId, state } of [...this.#alone.values()]) {
      try {
        const step = { sessionId, newest: state, end: true };
        const progress = await spending.run(() => advanceSettlement(client, wallet, deployment, step));
        if (progress.type !== "settled") {
          closing.push(progress);
        } else if (this.#alone.delete(sessionId)) {
          this.#settled.push(progress);
        }
      } catch (error) {
        failures.push(error);
      }
    }
    if (this.#alone.size === 0 && this.#tending !== null) {
      clearInterval(this.#tending);
      this.#tending = null;
    }
    if (failures.length > 0) throw failures[0];
    return closing;
  }

  async #end(session: PaidSession): Promise<void> {
    const { sessionId } = session;
    try {
      if (!session.attached && !session.engine.closed) await session.reattach();
      const final = await session.finalise(FINAL_MS);
      await session.release();
      this.#settled.push({
        type: "settled",
        settlement: await settleFinal(this.#context, sessionId, final, PATIENCE_MS),
      });
    } catch {
      await session.release();
      this.strand(session);
    }
  }
}
