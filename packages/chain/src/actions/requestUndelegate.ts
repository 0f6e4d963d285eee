import type { Address } from "@demec/protocol";
import { delegatedStakeAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Starts to unbond shares; a further request starts the delay anew for all of the caller's. They are rewarded and slashed
 * until they are withdrawn.
 * @param shares > 0 @throws chain/insufficient-shares
 * @returns releasableAt: unix time from which `withdrawDelegation` pays them out
 */
export async function requestUndelegate(
  client: WriteClient,
  deployment: Deployment,
  { owner, shares }: { owner: Address; shares: bigint },
): Promise<Mined & { releasableAt: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.delegation,
    abi: delegatedStakeAbi,
    functionName: "requestUndelegate",
    args: [owner, shares],
  });
  return {
    ...mined(receipt),
    releasableAt: eventOf(receipt, delegatedStakeAbi, "UndelegateRequested").args.releasableAt,
  };
}
