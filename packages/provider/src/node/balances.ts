import { type Deployment, getProvider, type ReadClient } from "@demec/chain";
import type { Address } from "@demec/protocol";
import { formatEther } from "viem";
import { getBalance } from "viem/actions";

/** What a provider owns on chain; whole tokens and coins, for people and for alarms. */
export interface Balances {
  readonly staked: number;
  readonly bonded: number;
  readonly operatorCoins: number;
}

/** How long what was read is told again; milliseconds. */
const FRESH_MS = 15_000;
/** How long a scrape waits for the chain before it tells what was read last; milliseconds. */
const PATIENCE_MS = 1_000;

/** Reads balances when they are asked for, four times a minute at most; null as long as the chain has not answered. */
export function balanceReader(options: {
  readonly client: ReadClient;
  readonly deployment: Deployment;
  readonly owner: Address;
  readonly operator: Address;
}): () => Promise<Balances | null> {
  const { client, deployment, owner, operator } = options;
  let last: Balances | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<unknown> | null = null;
  const read = async () => {
    const [{ staked, bonded }, coins] = await Promise.all([
      getProvider(client, deployment, owner),
      getBalance(client, { address: operator }),
    ]);
    const whole = (amount: bigint) => Number(formatEther(amount));
    last = { staked: whole(staked), bonded: whole(bonded), operatorCoins: whole(coins) };
  };
  return async () => {
    if (performance.now() - readAtMs > FRESH_MS && reading === null) {
      readAtMs = performance.now();
      // A chain that does not answer is the health check's to tell.
      reading = read()
        .catch(() => undefined)
        .finally(() => {
          reading = null;
        });
    }
    if (reading !== null) await Promise.race([reading, patience()]);
    return last;
  };
}

function patience(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, PATIENCE_MS).unref());
}
