import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";
import type { SignedConsent } from "./makeOperatorConsent.ts";

/**
 * Binds an operator to the calling provider: the first at once, another one after the rotation delay of a day, until which
 * the present one's offers open sessions. Binding the present one takes an announcement back.
 * @throws chain/foreign-signer, chain/deadline-passed
 * @returns from: unix time from which it holds
 */
export async function bindOperator(
  client: WriteClient,
  deployment: Deployment,
  { operator, deadline, consent }: SignedConsent,
): Promise<Mined & { from: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "bindOperator",
    args: [operator, deadline, consent],
  });
  return { ...mined(receipt), from: eventOf(receipt, providerStakingAbi, "OperatorBound").args.from };
}
