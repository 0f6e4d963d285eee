import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/** Ends new sessions of the calling provider; running ones, stake and bonds go on. */
export async function deregisterProvider(client: WriteClient, deployment: Deployment): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.staking,
      abi: providerStakingAbi,
      functionName: "deregister",
      args: [],
    }),
  );
}
