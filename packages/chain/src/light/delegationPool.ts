import type { Stored } from "./layout.ts";

/** A pool of delegated stake as `DelegatedStake` stores it. */
type Pool = Readonly<Record<"assets" | "pending" | "updatedAt" | "shares" | "exitingShares" | "streaming", bigint>>;

const REWARD_PERIOD_SECONDS = 7n * 24n * 3600n;
const VIRTUAL_SHARES = 1_000n;

/**
 * What stands behind a provider at a time: `DelegationPool.accrue` and `stayingDown` of the contracts, over what they store.
 * @param now unix time
 * @returns stake of all shares, and of those that are not on their way out; stake-token base units
 */
export function delegatedTo(stored: Stored, now: bigint): { readonly assets: bigint; readonly staying: bigint } {
  const pool = stored as Pool;
  const assets = pool.assets + (pool.shares === 0n ? 0n : vested(pool, now));
  const staying = ((pool.shares - pool.exitingShares) * (assets + 1n)) / (pool.shares + VIRTUAL_SHARES);
  return { assets, staying };
}

/** Rewards that have vested since the pool was stored. Those of one period vest evenly over the next. */
function vested({ updatedAt, streaming, pending }: Pool, now: bigint): bigint {
  const periods = now / REWARD_PERIOD_SECONDS - updatedAt / REWARD_PERIOD_SECONDS;
  const start = now - (now % REWARD_PERIOD_SECONDS);
  if (periods > 1n) return streaming + pending;
  if (periods === 1n) return streaming + (pending * (now - start)) / REWARD_PERIOD_SECONDS;
  return (streaming * (now - updatedAt)) / (start + REWARD_PERIOD_SECONDS - updatedAt);
}
