import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Revokes the calling provider's operator at once, an announced one too: no offer opens anything until another is bound,
 * which takes the rotation delay. What it signed for open sessions stays valid.
 */
export async function revokeOperator(client: WriteClient, deployment: Deployment): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.staking,
      abi: providerStakingAbi,
      functionName: "revokeOperator",
      args: [],
    }),
  );
}
