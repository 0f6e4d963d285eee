import type { Address, Hex } from "@demec/protocol";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/** Pays the buyer of a session its compensation from the provider's bond, after the unbonding delay. @throws chain/too-early */
export async function claimCompensation(
  client: WriteClient,
  deployment: Deployment,
  { sessionId, to }: { sessionId: Hex; to?: Address },
): Promise<Mined & { amount: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "claimCompensation",
    args: [sessionId, to ?? client.account.address],
  });
  return { ...mined(receipt), amount: eventOf(receipt, providerStakingAbi, "CompensationPaid").args.amount };
}
