import { type Deployment, getProvider, type ReadClient } from "@demec/chain";
import { relayTopic } from "@demec/network/topics";
import type { Hex } from "@demec/protocol";
import { readAdvert } from "./discovery.ts";
import type { NetworkPort } from "./network.ts";
import { someOf } from "./someOf.ts";

/** Nodes that are looked at; of a crowded topic the DHT gives each caller another random part. */
const SAMPLE = 16;
/** How long what was found is used before it is looked up again, and how long when there was none; milliseconds. */
const KEEP_MS = { found: 10 * 60_000, none: 30_000 };

export interface RelayFinderOptions {
  readonly network: NetworkPort;
  readonly client: ReadClient;
  readonly deployment: Deployment;
}

/**
 * Nodes that relay for those between whose NATs no hole can be punched: whoever offers to, as far as the chain knows
 * its node key as that of a staked provider, in random order. What they pass on is encrypted end to end; the stake makes
 * it dear to be many of them.
 */
export class RelayFinder {
  readonly #options: RelayFinderOptions;
  #found: Promise<readonly Hex[]> | null = null;
  #staleAtMs = 0;

  constructor(options: RelayFinderOptions) {
    this.#options = options;
  }

  /** Node keys; looked up when somebody first needs one. None where the DHT or the chain can't be asked. */
  find(): Promise<readonly Hex[]> {
    const nowMs = performance.now();
    if (this.#found === null || nowMs >= this.#staleAtMs) {
      this.#staleAtMs = nowMs + KEEP_MS.found;
      this.#found = this.#look()
        .catch((): Hex[] => [])
        .then((relays) => {
          if (relays.length === 0) this.#staleAtMs = performance.now() + KEEP_MS.none;
          return relays;
        });
    }
    return this.#found;
  }

  async #look(): Promise<Hex[]> {
    const offered: Hex[] = [];
    for await (const { publicKey } of this.#options.network.lookup(relayTopic(), { limit: SAMPLE })) {
      offered.push(publicKey);
    }
    const staked = await Promise.all(
      offered.map(async (nodeKey) => ((await this.#isStaked(nodeKey)) ? [nodeKey] : [])),
    );
    return someOf(staked.flat(), SAMPLE);
  }

  /** The node's advert names its owner; the chain says whether that is true, and whether the owner is staked. */
  async #isStaked(nodeKey: Hex): Promise<boolean> {
    const { client, deployment } = this.#options;
    const advert = await readAdvert(nodeKey, this.#options);
    if (advert === null) return false;
    const provider = await getProvider(client, deployment, advert.owner);
    return provider.active && provider.nodeKey.toLowerCase() === nodeKey.toLowerCase();
  }
}
