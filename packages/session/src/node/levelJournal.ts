import type { Hex } from "@demec/protocol";
import { type Entry, type EntryStore, GroupJournal } from "../groupJournal.ts";
import { fromHex, toHex } from "../hex.ts";
import { type Level, openLevel } from "./openLevel.ts";

const SESSION_BYTES = 32;
const KEY_BYTES = SESSION_BYTES + 8;

/** A journal in LevelDB. */
export class LevelJournal extends GroupJournal {
  /**
   * @param folder made if it doesn't exist; one process at a time
   * @throws session/journal-locked, session/journal-failed
   */
  static async open(folder: string): Promise<LevelJournal> {
    return new LevelJournal(new LevelEntries(await openLevel(folder, { keyEncoding: "view", valueEncoding: "view" })));
  }
}

class LevelEntries implements EntryStore {
  readonly #db: Level<Uint8Array, Uint8Array>;

  constructor(db: Level<Uint8Array, Uint8Array>) {
    this.#db = db;
  }

  async write(entries: readonly Entry[], durable: boolean): Promise<void> {
    const puts = entries.map(({ sessionId, index, value }) => ({
      type: "put" as const,
      key: keyOf(sessionId, index),
      value,
    }));
    await this.#db.batch(puts, { sync: durable });
  }

  read(sessionId: Hex): AsyncIterable<Uint8Array> {
    return this.#db.values(rangeOf(sessionId));
  }

  async lastIndex(sessionId: Hex): Promise<number> {
    for await (const key of this.#db.keys({ ...rangeOf(sessionId), reverse: true, limit: 1 })) {
      return Number(new DataView(key.buffer, key.byteOffset).getBigUint64(SESSION_BYTES));
    }
    return -1;
  }

  clear(sessionId: Hex): Promise<void> {
    return this.#db.clear(rangeOf(sessionId));
  }

  async sessions(): Promise<Hex[]> {
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

  close(): Promise<void> {
    return this.#db.close();
  }
}

const rangeOf = (sessionId: Hex) => ({ gte: keyOf(sessionId, 0), lte: keyOf(sessionId, Number.MAX_SAFE_INTEGER) });

/** Session, then the entry's number, so that a session's entries lie together and in order. */
function keyOf(sessionId: Hex, index: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  key.set(fromHex(sessionId), 0);
  new DataView(key.buffer).setBigUint64(SESSION_BYTES, BigInt(index));
  return key;
}
