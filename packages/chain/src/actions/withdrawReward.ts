import type { Address } from "@demec/protocol";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/** Pays out what the caller earned by reporting faults, in the stake token. @throws chain/nothing-to-withdraw */
export async function withdrawReward(
  client: WriteClient,
  deployment: Deployment,
  { to }: { to?: Address } = {},
): Promise<Mined & { amount: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "withdrawReward",
    args: [to ?? client.account.address],
  });
  return { ...mined(receipt), amount: eventOf(receipt, providerStakingAbi, "RewardWithdrawn").args.amount };
}
