import { listSessionEvents, type SessionEvent } from "./actions/listSessionEvents.ts";
import type { Deployment } from "./addresses.ts";
import { getBlock } from "./reads.ts";
import type { ReadClient } from "./types.ts";

/** Blocks that are looked at again each time: a reorganisation may have changed what they hold. */
const REORG_BLOCKS = 16n;

/** Follows what happens to the escrow's sessions, from the block at which it starts. */
export class ChainWatch {
  readonly #client: ReadClient;
  readonly #deployment: Deployment;
  #seenBlock: bigint | null = null;
  #timestamp = 0n;

  constructor(client: ReadClient, deployment: Deployment) {
    this.#client = client;
    this.#deployment = deployment;
  }

  /** Unix time of the newest block seen, seconds; 0 before the first. */
  get timestamp(): bigint {
    return this.#timestamp;
  }

  /**
   * Tells of what has happened since the last time, and perhaps of some of what was told then: take it as a hint to look.
   * The first time it tells nothing. What is thrown in between, by the chain or by `handle`, is made up for the next time.
   * @throws chain/rpc; what `handle` throws
   */
  async poll(handle: (event: SessionEvent) => Promise<void>): Promise<void> {
    const { number: toBlock, timestamp } = await getBlock(this.#client);
    const seen = this.#seenBlock;
    if (seen !== null && (toBlock > seen || timestamp !== this.#timestamp)) {
      const from = seen + 1n - REORG_BLOCKS;
      const first = this.#deployment.deploymentBlock;
      const range = { fromBlock: from > first ? from : first, toBlock };
      for (const event of await listSessionEvents(this.#client, this.#deployment, range)) await handle(event);
    }
    this.#seenBlock = toBlock;
    this.#timestamp = timestamp;
  }
}
