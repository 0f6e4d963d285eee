import type { Address } from "@demec/protocol";
import { delegatedStakeAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Rewards those behind a provider, over the next period of seven days, less the provider's commission; the delegation
 * contract needs an allowance of it.
 * @param amount stake-token base units, > 0 @throws chain/nothing-delegated
 * @returns commission: what of it became the provider's own stake
 */
export async function addReward(
  client: WriteClient,
  deployment: Deployment,
  { owner, amount }: { owner: Address; amount: bigint },
): Promise<Mined & { commission: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.delegation,
    abi: delegatedStakeAbi,
    functionName: "addReward",
    args: [owner, amount],
  });
  return { ...mined(receipt), commission: eventOf(receipt, delegatedStakeAbi, "RewardAdded").args.commission };
}
