import { delegatedStakeAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Announces what the calling provider pays its delegators and keeps of their rewards. It holds after twice the unbonding
 * delay, at once while nobody delegates; a later announcement replaces it.
 * @param premiumBps of what delegated stake backs of a bond, in 1/10,000; at most 1,000
 * @param commissionBps of `addReward`, in 1/10,000; at most 3,000
 * @throws chain/bad-terms
 * @returns from: unix time from which they hold
 */
export async function announceTerms(
  client: WriteClient,
  deployment: Deployment,
  { premiumBps, commissionBps }: { premiumBps: number; commissionBps: number },
): Promise<Mined & { from: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.delegation,
    abi: delegatedStakeAbi,
    functionName: "announceTerms",
    args: [BigInt(premiumBps), BigInt(commissionBps)],
  });
  return { ...mined(receipt), from: eventOf(receipt, delegatedStakeAbi, "TermsAnnounced").args.from };
}
