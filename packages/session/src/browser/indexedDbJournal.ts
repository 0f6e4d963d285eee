import type { Hex } from "@demec/protocol";
import type { DBSchema, IDBPDatabase } from "idb";
import { type Entry, type EntryStore, GroupJournal } from "../groupJournal.ts";
import { openDatabase, type Upgrades } from "./openDatabase.ts";

interface Schema extends DBSchema {
  /** By session, then by the entry's number: a session's entries lie together and in order. */
  entries: { key: [Hex, number]; value: Uint8Array };
}

const UPGRADES: Upgrades<Schema> = [(db) => void db.createObjectStore("entries")];

/** A journal in IndexedDB. Whoever opens it sees to it that nobody else does: see `takeOwnership`. */
export class IndexedDbJournal extends GroupJournal {
  /**
   * @param name of its database
   * @throws session/insecure-page, session/journal-failed
   */
  static async open(name: string): Promise<IndexedDbJournal> {
    const db = await openDatabase(name, UPGRADES, (cause) => journal.fail(cause));
    const journal = new IndexedDbJournal(new IndexedDbEntries(db));
    return journal;
  }
}

class IndexedDbEntries implements EntryStore {
  readonly #db: IDBPDatabase<Schema>;

  constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  async write(entries: readonly Entry[], durable: boolean): Promise<void> {
    const transaction = this.#db.transaction("entries", "readwrite", { durability: durable ? "strict" : "relaxed" });
    // What fails, such as for want of room, fails the transaction.
    for (const { sessionId, index, value } of entries) {
      transaction.store.put(value, [sessionId, index]).catch(() => undefined);
    }
    await transaction.done;
  }

  async *read(sessionId: Hex): AsyncGenerator<Uint8Array> {
    yield* await this.#db.getAll("entries", rangeOf(sessionId));
  }

  async lastIndex(sessionId: Hex): Promise<number> {
    const cursor = await this.#db.transaction("entries").store.openKeyCursor(rangeOf(sessionId), "prev");
    return cursor === null ? -1 : cursor.key[1];
  }

  clear(sessionId: Hex): Promise<void> {
    return this.#db.delete("entries", rangeOf(sessionId));
  }

  async sessions(): Promise<Hex[]> {
    const sessions: Hex[] = [];
    let cursor = await this.#db.transaction("entries").store.openKeyCursor();
    while (cursor !== null) {
      const [sessionId] = cursor.key;
      sessions.push(sessionId);
      cursor = await cursor.continue([sessionId, Number.POSITIVE_INFINITY]);
    }
    return sessions;
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}

const rangeOf = (sessionId: Hex) => IDBKeyRange.bound([sessionId, 0], [sessionId, Number.POSITIVE_INFINITY]);
