import type { Hex } from "@demec/protocol";
import type { Journal, Snapshot } from "./journal.ts";
import { decodeRecords, encodeRecords } from "./recordCodec.ts";
import type { JournalRecord } from "./records.ts";

/** How long records that nobody waits for gather before they are written; milliseconds. */
const GATHER_MS = 50;
/** Bytes written without a sync after which the next write syncs whatever it holds. */
const MAX_UNSYNCED_BYTES = 1 << 20;

/** What one write adds to one session's log. */
export interface Entry {
  /** Lower-case hexadecimal. */
  readonly sessionId: Hex;
  /** From 0, without a gap, within the session. */
  readonly index: number;
  readonly value: Uint8Array;
}

/** Where a journal's entries lie. One call is under way at a time. */
export interface EntryStore {
  /** All of them or none; an entry that is there already is written over. @param durable outlives a power failure */
  write(entries: readonly Entry[], durable: boolean): Promise<void>;
  /** All entries of a session, in order. */
  read(sessionId: Hex): AsyncIterable<Uint8Array>;
  /** Of a session's newest entry; -1: it has none. */
  lastIndex(sessionId: Hex): Promise<number>;
  clear(sessionId: Hex): Promise<void>;
  sessions(): Promise<Hex[]>;
  close(): Promise<void>;
}

interface Append {
  readonly sessionId: Hex;
  readonly records: readonly JournalRecord[];
  readonly soon: boolean;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * A journal that groups: whatever is appended while a write runs goes into the next one, so that many sessions share a sync.
 * Records that nobody waits for are written without a sync, which outlives the process; the next synced write holds
 * them again, so that a power failure takes no record without all that follow it.
 */
export class GroupJournal implements Journal {
  readonly #store: EntryStore;
  readonly #nextIndex = new Map<Hex, number>();
  #queue: Append[] = [];
  #unsynced: Entry[] = [];
  #unsyncedBytes = 0;
  #writing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** The first failure: a log with a hole is worse than one that ends, so nothing is written after it. */
  #failure: unknown = null;

  protected constructor(store: EntryStore) {
    this.#store = store;
  }

  get failed(): boolean {
    return this.#failure !== null;
  }

  /** @throws session/journal-corrupt */
  async load(sessionId: Hex): Promise<Snapshot | null> {
    await this.#settle();
    const records: JournalRecord[] = [];
    for await (const value of this.#store.read(normal(sessionId))) {
      for (const record of decodeRecords(value)) records.push(record);
    }
    return records.length === 0 ? null : { records };
  }

  append(sessionId: Hex, records: readonly JournalRecord[], options: { readonly soon?: boolean } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ sessionId: normal(sessionId), records, soon: options.soon === true, resolve, reject });
      if (this.#writing !== null) return;
      if (options.soon !== true) this.#start();
      else this.#timer ??= setTimeout(() => this.#start(), GATHER_MS);
    });
  }

  async drop(sessionId: Hex): Promise<void> {
    await this.#settle();
    const dropped = normal(sessionId);
    this.#nextIndex.delete(dropped);
    // The next synced write would bring it back.
    this.#unsynced = this.#unsynced.filter((entry) => entry.sessionId !== dropped);
    await this.#store.clear(dropped);
  }

  async list(): Promise<Hex[]> {
    await this.#settle();
    return this.#store.sessions();
  }

  async close(): Promise<void> {
    await this.#settle();
    await this.#store.close();
  }

  /** Nothing is written any more: the store has gone. */
  protected fail(cause: unknown): void {
    this.#failure ??= cause;
  }

  /** Waits until all that was appended is written. */
  async #settle(): Promise<void> {
    while (this.#writing !== null || this.#queue.length > 0) {
      this.#start();
      await this.#writing;
    }
  }

  #start(): void {
    if (this.#writing !== null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    // A microtask's wait lets the appends of one turn share the write.
    this.#writing = Promise.resolve().then(async () => {
      const batch = this.#queue;
      this.#queue = [];
      await this.#write(batch);
      this.#writing = null;
      if (this.#queue.some((append) => !append.soon)) this.#start();
      else if (this.#queue.length > 0) this.#timer ??= setTimeout(() => this.#start(), GATHER_MS);
    });
  }

  async #write(batch: readonly Append[]): Promise<void> {
    try {
      if (this.#failure !== null) throw this.#failure;
      const entries = await this.#entries(batch);
      for (const { value } of entries) this.#unsyncedBytes += value.length;
      const durable = this.#unsyncedBytes >= MAX_UNSYNCED_BYTES || batch.some((append) => !append.soon);
      await this.#store.write(durable ? [...this.#unsynced, ...entries] : entries, durable);
      this.#unsynced = durable ? [] : [...this.#unsynced, ...entries];
      if (durable) this.#unsyncedBytes = 0;
    } catch (cause) {
      this.#failure ??= cause;
      for (const append of batch) append.reject(cause);
      return;
    }
    for (const append of batch) append.resolve();
  }

  /** One entry a session, with all that the batch adds to it. */
  async #entries(batch: readonly Append[]): Promise<Entry[]> {
    const bySession = new Map<Hex, JournalRecord[]>();
    for (const { sessionId, records } of batch) {
      const all = bySession.get(sessionId);
      if (all === undefined) bySession.set(sessionId, [...records]);
      else all.push(...records);
    }
    const entries: Entry[] = [];
    for (const [sessionId, records] of bySession) {
      const index = this.#nextIndex.get(sessionId) ?? (await this.#store.lastIndex(sessionId)) + 1;
      this.#nextIndex.set(sessionId, index + 1);
      entries.push({ sessionId, index, value: encodeRecords(records) });
    }
    return entries;
  }
}

const normal = (sessionId: Hex) => sessionId.toLowerCase() as Hex;
