import HyperDHT from "hyperdht";
import constants from "hyperdht/lib/constants.js";

/** How often it looks; milliseconds. */
const LOOK_MS = 5_000;

export interface LookoutOptions {
  readonly dht: HyperDHT;
  /** DHT nodes that know the way to this node, as of now. */
  readonly relayAddresses: () => readonly HyperDHT.Address[];
  /** Announces this node's key anew. */
  readonly refresh: () => void;
  /** The DHT has forgotten what else this node had put into it. */
  readonly forgotten: () => void;
}

/**
 * Notices that the DHT has lost this node, as when it or the line to it was down: hyperdht announces a key that nobody keeps again
 * only after five minutes, topics and records have longer intervals, and all the while no buyer would find the way here. It
 * pings those that keep a key, but who starts again at its old address answers a ping and knows nothing.
 */
export class Lookout {
  readonly #options: LookoutOptions;
  readonly #timer: NodeJS.Timeout;
  #known = new Set<string>();

  constructor(options: LookoutOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { refresh, forgotten } = this.#options;
    const keeping = this.#keepers();
    if (keeping.length === 0) {
      refresh();
      return;
    }
    const now = new Set(keeping.map(({ host, port }) => `${host}:${port}`));
    // Keepers change one by one; when most are others, those before are gone, and what they kept with them.
    const stayed = [...this.#known].filter((keeper) => now.has(keeper));
    const areMostOthers = 2 * stayed.length < this.#known.size;
    this.#known = now;
    const answers = await Promise.all(keeping.map((keeper) => this.#isKeptBy(keeper).catch(() => null)));
    // One that lies makes no difference.
    const isForgotten = answers.includes(false) && !answers.includes(true);
    if (isForgotten) refresh();
    if (isForgotten || areMostOthers) forgotten();
  }

  /** The DHT nodes that keep this one's announcement: a node behind no NAT counts itself among those that know the way. */
  #keepers(): readonly HyperDHT.Address[] {
    const { dht, relayAddresses } = this.#options;
    const own = dht.remoteAddress();
    return relayAddresses().filter(({ host, port }) => host !== own?.host || port !== own.port);
  }

  /** Whether it still knows this node; rejects when it doesn't answer. */
  async #isKeptBy(keeper: HyperDHT.Address): Promise<boolean> {
    const { dht } = this.#options;
    const target = HyperDHT.hash(dht.defaultKeyPair.publicKey);
    const request = { token: null, command: constants.COMMANDS.FIND_PEER, target, value: null };
    return (await dht.request(request, keeper, { retry: false })).value !== null;
  }
}
