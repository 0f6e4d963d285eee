import type { Address } from "@demec/protocol";
import { delegatedStakeAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/** Pays out what the caller's unbonded shares are worth now. @throws chain/too-early, chain/nothing-to-withdraw */
export async function withdrawDelegation(
  client: WriteClient,
  deployment: Deployment,
  { owner, to }: { owner: Address; to?: Address },
): Promise<Mined & { amount: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.delegation,
    abi: delegatedStakeAbi,
    functionName: "withdrawDelegation",
    args: [owner, to ?? client.account.address],
  });
  return { ...mined(receipt), amount: eventOf(receipt, delegatedStakeAbi, "DelegationWithdrawn").args.amount };
}
