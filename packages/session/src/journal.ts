import type { Hex } from "@demec/protocol";
import type { JournalRecord } from "./records.ts";

/** All that was journalled of one session, in order. */
export interface Snapshot {
  readonly records: readonly JournalRecord[];
}

/** Where both ends keep what a crash must not take. Append-only, one log per session, shared by many sessions. */
export interface Journal {
  /** Whether a write has failed: nothing is written any more, and no session should begin. */
  readonly failed: boolean;
  /** Everything appended so far that survived, or null for a session never seen. */
  load(sessionId: Hex): Promise<Snapshot | null>;
  /**
   * Adds records to a session's log; calls take effect in the order they are made. Resolves when the records and all
   * earlier ones of the session are durable; with `soon` it may resolve earlier and group more.
   */
  append(sessionId: Hex, records: readonly JournalRecord[], options?: { readonly soon?: boolean }): Promise<void>;
  /** Forgets a session's log. Nothing may be appended to it any more. */
  drop(sessionId: Hex): Promise<void>;
  /** Sessions that have a log. */
  list(): Promise<Hex[]>;
  close(): Promise<void>;
}

/** A journal that lasts as long as its process: for tests, and for buyers who accept to lose a session with the tab. */
export class MemoryJournal implements Journal {
  readonly failed = false;
  readonly #logs = new Map<Hex, JournalRecord[]>();

  async load(sessionId: Hex): Promise<Snapshot | null> {
    const records = this.#logs.get(sessionId);
    return records === undefined ? null : { records: [...records] };
  }

  async append(sessionId: Hex, records: readonly JournalRecord[]): Promise<void> {
    const log = this.#logs.get(sessionId);
    if (log === undefined) this.#logs.set(sessionId, [...records]);
    else log.push(...records);
  }

  async drop(sessionId: Hex): Promise<void> {
    this.#logs.delete(sessionId);
  }

  async list(): Promise<Hex[]> {
    return [...this.#logs.keys()];
  }

  async close(): Promise<void> {}
}
