import type { Hex } from "@demec/protocol";
import { fromHex, toHex } from "../hex.ts";
import type { Journal, Snapshot } from "../journal.ts";
import { decodeRecords, encodeRecords } from "../recordCodec.ts";
import type { JournalRecord } from "../records.ts";
import { type Level, openLevel } from "./openLevel.ts";

/** How long records that nobody waits for gather before they are written; milliseconds. */
const GATHER_MS = 50;
/** Bytes written without a sync after which the next write syncs whatever it holds. */
const MAX_UNSYNCED_BYTES = 1 << 20;

const SESSION_BYTES = 32;
const KEY_BYTES = SESSION_BYTES + 8;

interface Append {
  readonly sessionId: Hex;
  readonly records: readonly JournalRecord[];
  readonly soon: boolean;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}
interface Put {
  readonly type: "put";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * A journal in LevelDB. Whatever is appended while a write runs goes into the next one: many sessions share a sync.
 * Records that nobody waits for are written without a sync, which outlives the process; the next synced write holds
 * them again, so that a power failure takes no record without all that follow it.
 */
export class LevelJournal implements Journal {
  readonly #db: Level<Uint8Array, Uint8Array>;
  readonly #nextIndex = new Map<Hex, number>();
  #queue: Append[] = [];
  #unsynced: Put[] = [];
  #unsyncedBytes = 0;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** The first failure: a log with a hole is worse than one that ends, so nothing is written after it. */
  #failure: unknown = null;

  private constructor(db: Level<Uint8Array, Uint8Array>) {
    this.#db = db;
  }

  /**
   * @param folder made if it doesn't exist; one process at a time
   * @throws session/journal-locked, session/journal-failed
   */
  static async open(folder: string): Promise<LevelJournal> {
    return new LevelJournal(await openLevel(folder, { keyEncoding: "view", valueEncoding: "view" }));
  }

  get failed(): boolean {
    return this.#failure !== null;
  }

  /** @throws session/journal-corrupt */
  async load(sessionId: Hex): Promise<Snapshot | null> {
    await this.#settle();
    const records: JournalRecord[] = [];
    const range = { gte: keyOf(sessionId, 0), lte: keyOf(sessionId, Number.MAX_SAFE_INTEGER) };
    for await (const value of this.#db.values(range)) {
      for (const record of decodeRecords(value)) records.push(record);
    }
    return records.length === 0 ? null : { records };
  }

  append(sessionId: Hex, records: readonly JournalRecord[], options: { readonly soon?: boolean } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ sessionId, records, soon: options.soon === true, resolve, reject });
      if (this.#writing !== null) return;
      if (options.soon !== true) this.#start();
      else this.#timer ??= setTimeout(() => this.#start(), GATHER_MS);
    });
  }

  async drop(sessionId: Hex): Promise<void> {
    await this.#settle();
    const [first, last] = [keyOf(sessionId, 0), keyOf(sessionId, Number.MAX_SAFE_INTEGER)];
    this.#nextIndex.delete(sessionId.toLowerCase() as Hex);
    // The next synced write would bring it back.
    const session = toHex(first.subarray(0, SESSION_BYTES));
    this.#unsynced = this.#unsynced.filter(({ key }) => toHex(key.subarray(0, SESSION_BYTES)) !== session);
    await this.#db.clear({ gte: first, lte: last });
  }

  async list(): Promise<Hex[]> {
    await this.#settle();
    const sessions: Hex[] = [];
    const keys = this.#db.keys();
    try {
      for (let key = await keys.next(); key !== undefined; key = await keys.next()) {
        const sessionId = toHex(key.subarray(0, SESSION_BYTES));
        sessions.push(sessionId);
        keys.seek(keyOf(sessionId, Number.MAX_SAFE_INTEGER));
      }
    } finally {
      await keys.close();
    }
    return sessions;
  }

  async close(): Promise<void> {
    await this.#settle();
    await this.#db.close();
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
      const puts = await this.#puts(batch);
      for (const put of puts) this.#unsyncedBytes += put.value.length;
      const sync = this.#unsyncedBytes >= MAX_UNSYNCED_BYTES || batch.some((append) => !append.soon);
      await this.#db.batch(sync ? [...this.#unsynced, ...puts] : puts, { sync });
      this.#unsynced = sync ? [] : [...this.#unsynced, ...puts];
      if (sync) this.#unsyncedBytes = 0;
    } catch (cause) {
      this.#failure ??= cause;
      for (const append of batch) append.reject(cause);
      return;
    }
    for (const append of batch) append.resolve();
  }

  /** One entry a session, with all that the batch adds to it. */
  async #puts(batch: readonly Append[]): Promise<Put[]> {
    const bySession = new Map<Hex, JournalRecord[]>();
    for (const append of batch) {
      const sessionId = append.sessionId.toLowerCase() as Hex;
      const { records } = append;
      const all = bySession.get(sessionId);
      if (all === undefined) bySession.set(sessionId, [...records]);
      else all.push(...records);
    }
    const puts: Put[] = [];
    for (const [sessionId, records] of bySession) {
      const index = this.#nextIndex.get(sessionId) ?? (await this.#lastIndex(sessionId)) + 1;
      this.#nextIndex.set(sessionId, index + 1);
      puts.push({ type: "put", key: keyOf(sessionId, index), value: encodeRecords(records) });
    }
    return puts;
  }

  async #lastIndex(sessionId: Hex): Promise<number> {
    const range = { gte: keyOf(sessionId, 0), lte: keyOf(sessionId, Number.MAX_SAFE_INTEGER), reverse: true, limit: 1 };
    for await (const key of this.#db.keys(range)) {
      return Number(new DataView(key.buffer, key.byteOffset).getBigUint64(SESSION_BYTES));
    }
    return -1;
  }
}

/** Session, then the entry's number, so that a session's entries lie together and in order. */
function keyOf(sessionId: Hex, index: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  key.set(fromHex(sessionId), 0);
  new DataView(key.buffer).setBigUint64(SESSION_BYTES, BigInt(index));
  return key;
}
