import { type Deployment, listSessionEvents, type ReadClient, type SessionEvent } from "@demec/chain";
import { getBlock } from "viem/actions";

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
   * What has happened since the last time, and perhaps some of what was told then: take it as a hint to look. The first
   * time it tells nothing. @throws chain/rpc; the next time makes up for it
   */
  async poll(): Promise<SessionEvent[]> {
    const { number: toBlock, timestamp } = await getBlock(this.#client);
    const seen = this.#seenBlock;
    let events: SessionEvent[] = [];
    if (seen !== null && (toBlock > seen || timestamp !== this.#timestamp)) {
      const from = seen + 1n - REORG_BLOCKS;
      const first = this.#deployment.deploymentBlock;
      events = await listSessionEvents(this.#client, this.#deployment, {
        fromBlock: from > first ? from : first,
        toBlock,
      });
    }
    this.#seenBlock = toBlock;
    this.#timestamp = timestamp;
    return events;
  }
}
