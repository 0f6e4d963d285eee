import { type AccessStore, MemoryAccessStore } from "@demec/access";
import { type Level, openLevel } from "@demec/session/node";

type Bounds = Parameters<AccessStore["count"]>[0];

/** What gates must not forget, in memory and on disk: marks at once, counts as the system writes them. */
export class LevelAccessStore implements AccessStore {
  readonly #db: Level;
  readonly #memory: MemoryAccessStore;

  private constructor(db: Level, memory: MemoryAccessStore) {
    this.#db = db;
    this.#memory = memory;
  }

  /** @param folder made if it doesn't exist; one process at a time @throws session/journal-locked, session/journal-failed */
  static async open(folder: string): Promise<LevelAccessStore> {
    const db = await openLevel(folder);
    const memory = new MemoryAccessStore();
    const now = Date.now() / 1000;
    for await (const [key, value] of db.iterator()) {
      const { count, until } = JSON.parse(value) as { count?: number; until: number };
      if (until < now) await db.del(key);
      else if (count === undefined) await memory.mark(key, until);
      else memory.restore(key, count, until);
    }
    return new LevelAccessStore(db, memory);
  }

  async mark(name: string, until: number): Promise<boolean> {
    if (!(await this.#memory.mark(name, until))) return false;
    await this.#db.put(name, JSON.stringify({ until }), { sync: true });
    return true;
  }

  isMarked(name: string): boolean {
    return this.#memory.isMarked(name);
  }

  count(bounds: Bounds): string | null {
    const full = this.#memory.count(bounds);
    if (full !== null) return full;
    for (const { name, until } of bounds) {
      const value = JSON.stringify({ count: this.#memory.countOf(name), until });
      this.#db.put(name, value).catch(() => undefined);
    }
    return null;
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}
