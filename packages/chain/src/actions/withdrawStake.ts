import type { Address } from "@demec/protocol";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/** Pays out the caller's stake that has unbonded. @throws chain/too-early, chain/nothing-to-withdraw */
export async function withdrawStake(
  client: WriteClient,
  deployment: Deployment,
  { to }: { to?: Address } = {},
): Promise<Mined & { amount: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "withdraw",
    args: [to ?? client.account.address],
  });
  return { ...mined(receipt), amount: eventOf(receipt, providerStakingAbi, "StakeWithdrawn").args.amount };
}
