import { DemecError } from "@demec/protocol";
import { type Level, openLevel } from "@demec/session/node";

/** Amounts by name, on disk: a gateway that starts again goes on from what it had spent. */
export class Books {
  readonly #db: Level;
  readonly #amounts: Map<string, bigint>;
  readonly #changed = new Set<string>();
  #writing: Promise<unknown> = Promise.resolve();
  #queued: Promise<void> | null = null;

  private constructor(db: Level, amounts: Map<string, bigint>) {
    this.#db = db;
    this.#amounts = amounts;
  }

  /** @param folder made if it doesn't exist; one process at a time @throws session/journal-locked, session/journal-failed */
  static async open(folder: string): Promise<Books> {
    const db = await openLevel(folder);
    const amounts = new Map<string, bigint>();
    for await (const [name, amount] of db.iterator()) amounts.set(name, BigInt(amount));
    return new Books(db, amounts);
  }

  get(name: string): bigint {
    return this.#amounts.get(name) ?? 0n;
  }

  /**
   * Counts at once; resolves when the system has it, so that the end of this process takes nothing of it.
   * @throws session/journal-failed
   */
  add(name: string, amount: bigint): Promise<void> {
    this.#amounts.set(name, this.get(name) + amount);
    this.#changed.add(name);
    // One batch at a time: of two that overtake each other the older could stay.
    this.#queued ??= this.#writing.then(() => this.#write());
    return this.#queued;
  }

  async close(): Promise<void> {
    await this.#queued?.catch(() => undefined);
    await this.#writing;
    await this.#db.close();
  }

  #write(): Promise<void> {
    this.#queued = null;
    const puts = [...this.#changed].map((key) => ({ type: "put" as const, key, value: this.get(key).toString() }));
    this.#changed.clear();
    const written = this.#db.batch(puts).catch((cause) => {
      throw new DemecError("session/journal-failed", "What calls cost can't be written.", { cause });
    });
    this.#writing = written.catch(() => undefined);
    return written;
  }
}
