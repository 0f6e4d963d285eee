// Runs in Node and in pages.
import { createLightClient, type LightClientOptions } from "@demec/chain/light";
import type { Address } from "@demec/protocol";
import { median } from "../median.ts";

export interface LightClientTimes {
  /** A client's first proof: the block, the contracts' code and the provider. */
  readonly firstMs: number;
  /** The block and the provider. */
  readonly verifyMs: number;
  /** The provider, at a block that is known. */
  readonly sameBlockMs: number;
}

/** Proves a provider `rounds` times in each way, one after the other. @returns medians; milliseconds */
export async function timeLightClient(
  options: Omit<LightClientOptions, "blockMs">,
  owner: Address,
  rounds = 30,
): Promise<LightClientTimes> {
  const newest = createLightClient({ ...options, blockMs: 0 });
  const same = createLightClient({ ...options, blockMs: 600_000 });
  const first = () => createLightClient(options).provider(owner);
  return {
    firstMs: await medianMs(rounds, first),
    verifyMs: await medianMs(rounds, () => newest.provider(owner)),
    sameBlockMs: await medianMs(rounds, () => same.provider(owner)),
  };
}

async function medianMs(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i <= rounds; i++) {
    const from = performance.now();
    await work();
    // The first round fills caches.
    if (i > 0) times.push(performance.now() - from);
  }
  return median(times);
}
