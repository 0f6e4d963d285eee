import type { Address } from "@demec/protocol";
import { delegatedStakeAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { DelegationPool, ReadClient } from "../types.ts";

/** What others have put behind a provider, and on what terms; all zero where nobody has. */
export async function getPool(client: ReadClient, deployment: Deployment, owner: Address): Promise<DelegationPool> {
  const pool = await read(client, {
    address: deployment.delegation,
    abi: delegatedStakeAbi,
    functionName: "getPool",
    args: [owner],
  });
  return {
    ...pool,
    premiumBps: Number(pool.premiumBps),
    commissionBps: Number(pool.commissionBps),
    nextPremiumBps: Number(pool.nextPremiumBps),
    nextCommissionBps: Number(pool.nextCommissionBps),
  };
}
