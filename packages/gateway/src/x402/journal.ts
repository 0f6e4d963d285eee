import { DemecError, type Hex } from "@demec/protocol";
import { type Level, openLevel } from "@demec/session/node";
import type { PaymentPayload, PaymentRequirements } from "@x402/core/types";
import type { Answer } from "../answer.ts";

/** The result of a call that is paid for, from before its settlement until it has been delivered. */
export interface Unsettled {
  /** Of the request: nobody gets it with another one. */
  readonly requestHash: Hex;
  readonly payload: PaymentPayload;
  readonly requirements: PaymentRequirements;
  /** Block of the chain when it was written: its settlement is not older. */
  readonly blockNumber: bigint;
  readonly answer: Answer;
  /** Unix seconds after which it is forgotten. */
  readonly until: number;
}

/** Results that wait for their payment or their delivery, on disk: neither is lost by a crash. */
export class PaymentJournal {
  readonly #db: Level;

  private constructor(db: Level) {
    this.#db = db;
  }

  /** @param folder made if it doesn't exist; one process at a time @throws session/journal-locked, session/journal-failed */
  static async open(folder: string): Promise<PaymentJournal> {
    const journal = new PaymentJournal(await openLevel(folder));
    await journal.sweep();
    return journal;
  }

  async get(id: string): Promise<Unsettled | null> {
    const text = await this.#db.get(id);
    return text === undefined ? null : decode(text);
  }

  /** Durable once it resolves. @throws session/journal-failed */
  async put(id: string, unsettled: Unsettled): Promise<void> {
    try {
      await this.#db.put(id, encode(unsettled), { sync: true });
    } catch (cause) {
      throw new DemecError("session/journal-failed", `Payment ${id} can't be written.`, { cause });
    }
  }

  delete(id: string): Promise<void> {
    return this.#db.del(id);
  }

  /** Forgets what nobody has fetched in its time. */
  async sweep(): Promise<void> {
    const now = Date.now() / 1000;
    for await (const [id, text] of this.#db.iterator()) {
      if (decode(text).until < now) await this.#db.del(id);
    }
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}

function encode({ blockNumber, answer, ...rest }: Unsettled): string {
  const body = Buffer.from(answer.body).toString("base64");
  return JSON.stringify({ ...rest, blockNumber: blockNumber.toString(), answer: { ...answer, body } });
}

function decode(text: string): Unsettled {
  const { blockNumber, answer, ...rest } = JSON.parse(text);
  return { ...rest, blockNumber: BigInt(blockNumber), answer: { ...answer, body: Buffer.from(answer.body, "base64") } };
}
