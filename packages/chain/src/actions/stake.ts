import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Adds to the caller's own stake; the staking contract needs an allowance of it: `approveExact`.
 * @param amount stake-token base units, > 0
 */
export async function stake(client: WriteClient, deployment: Deployment, amount: bigint): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.staking,
      abi: providerStakingAbi,
      functionName: "stake",
      args: [amount],
    }),
  );
}
