import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/** @param regions up to 8 paths such as eu-de-fra @throws protocol/bad-region */
export async function setRegions(
  client: WriteClient,
  deployment: Deployment,
  regions: readonly string[],
): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.staking,
      abi: providerStakingAbi,
      functionName: "setRegions",
      args: [regions],
    }),
  );
}
