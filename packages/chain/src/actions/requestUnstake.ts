import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Starts to unbond free stake; a further request starts the delay anew for all of it.
 * @param amount stake-token base units, > 0 @throws chain/insufficient-stake
 * @returns releasableAt: unix time from which `withdrawStake` pays it out
 */
export async function requestUnstake(
  client: WriteClient,
  deployment: Deployment,
  amount: bigint,
): Promise<Mined & { releasableAt: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "requestUnstake",
    args: [amount],
  });
  return {
    ...mined(receipt),
    releasableAt: eventOf(receipt, providerStakingAbi, "UnstakeRequested").args.releasableAt,
  };
}
