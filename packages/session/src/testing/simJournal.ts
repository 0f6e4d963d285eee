import type { Hex } from "@demec/protocol";
import type { Journal, Snapshot } from "../journal.ts";
import type { JournalRecord } from "../records.ts";

/** A disk that writes when it is told to, and that can lose power between any two writes. */
export class SimJournal implements Journal {
  readonly failed = false;
  readonly durable: JournalRecord[] = [];
  #pending: { records: readonly JournalRecord[]; done: () => void }[] = [];

  get pending(): number {
    return this.#pending.length;
  }

  append(_sessionId: Hex, records: readonly JournalRecord[]): Promise<void> {
    return new Promise((done) => this.#pending.push({ records, done }));
  }

  /** The oldest write reaches the disk, and its writer hears of it. */
  commit(): void {
    const write = this.#pending.shift();
    if (write === undefined) return;
    this.durable.push(...write.records);
    write.done();
  }

  /** Power fails: the first `kept` writes reached the disk unheard of, the others are lost. */
  crash(kept: number): void {
    for (const write of this.#pending.slice(0, kept)) this.durable.push(...write.records);
    this.#pending = [];
  }

  async load(): Promise<Snapshot | null> {
    return { records: [...this.durable] };
  }
  async drop(): Promise<void> {
    this.durable.length = 0;
  }
  async list(): Promise<Hex[]> {
    return [];
  }
  async close(): Promise<void> {}
}
