import type HyperDHT from "hyperdht";

/** How often it looks; milliseconds. */
const LOOK_MS = 5_000;

export interface LookoutOptions {
  /** DHT nodes that keep this node's announcement, as of now. */
  readonly keepers: () => readonly HyperDHT.Address[];
  /** Announces this node's key anew. */
  readonly refresh: () => void;
  /** The DHT has forgotten what else this node had put into it. */
  readonly forgotten: () => void;
}

/**
 * Notices that the DHT has lost this node, as when it or the line to it was down: hyperdht announces a key that nobody keeps again
 * only after five minutes, topics and records have longer intervals, and all the while no buyer would find the way here.
 */
export class Lookout {
  readonly #options: LookoutOptions;
  readonly #timer: NodeJS.Timeout;
  #known = new Set<string>();

  constructor(options: LookoutOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { keepers, refresh, forgotten } = this.#options;
    const now = new Set(keepers().map(({ host, port }) => `${host}:${port}`));
    if (now.size === 0) {
      refresh();
      return;
    }
    // Keepers change one by one; when all are others, those before are gone, and what they kept with them.
    const areAllOthers = this.#known.size > 0 && ![...now].some((keeper) => this.#known.has(keeper));
    this.#known = now;
    if (areAllOthers) forgotten();
  }
}
