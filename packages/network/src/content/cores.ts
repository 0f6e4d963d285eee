import { join } from "node:path";
import type { Hex } from "@demec/protocol";
import Corestore from "corestore";
import type Hypercore from "hypercore";
import type { Connection } from "../connection.ts";
import { fromHex } from "../hex.ts";

/** The Hypercores of one folder. */
export class Cores {
  readonly #store: Corestore;
  readonly #compactAfterBytes: number;
  #clearedBytes = 0;
  #compacting: Promise<void> = Promise.resolve();

  /** @param compactAfterBytes the database gives back the space of what was cleared after so many bytes */
  static async open(directory: string, compactAfterBytes: number): Promise<Cores> {
    // Inactive: nobody is asked for a core but those who are meant to be.
    const store = new Corestore(join(directory, "cores"), { active: false });
    await store.ready();
    return new Cores(store, compactAfterBytes);
  }

  private constructor(store: Corestore, compactAfterBytes: number) {
    this.#store = store;
    this.#compactAfterBytes = compactAfterBytes;
  }

  /** Does something with a core, which is open meanwhile. */
  use<T>(coreKey: Hex, work: (core: Hypercore) => Promise<T>): Promise<T> {
    return this.#use(this.#store.get({ key: fromHex(coreKey) }), work);
  }

  /** Does something with a new core of our own. */
  create<T>(work: (core: Hypercore) => Promise<T>): Promise<T> {
    return this.#use(this.#store.get({ name: `content/${crypto.randomUUID()}` }), work);
  }

  /** Removes the blocks of a core; what remains is a record of some hundred bytes. */
  async clear(coreKey: Hex, bytes: number): Promise<void> {
    await this.use(coreKey, (core) => core.clear(0, core.length));
    this.#clearedBytes += bytes;
    if (this.#clearedBytes < this.#compactAfterBytes) return;
    this.#clearedBytes = 0;
    // A compaction that failed is made up for by the next one.
    this.#compacting = this.#compacting.then(() => this.#store.storage.compact()).catch(() => undefined);
  }

  /** Serves the cores on a connection, to a peer that knows their keys. */
  replicate(connection: Connection): void {
    if (!connection.isClosed) this.#store.replicate(connection.stream);
  }

  async close(): Promise<void> {
    await this.#compacting;
    await this.#store.close();
  }

  async #use<T>(core: Hypercore, work: (core: Hypercore) => Promise<T>): Promise<T> {
    try {
      await core.ready();
      return await work(core);
    } finally {
      await core.close();
    }
  }
}
