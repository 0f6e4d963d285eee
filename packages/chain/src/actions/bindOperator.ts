import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";
import type { SignedConsent } from "./makeOperatorConsent.ts";

/** Binds another operator to the calling provider; the former one's offers open nothing from now on. @throws chain/foreign-signer */
export async function bindOperator(
  client: WriteClient,
  deployment: Deployment,
  { operator, deadline, consent }: SignedConsent,
): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.staking,
      abi: providerStakingAbi,
      functionName: "bindOperator",
      args: [operator, deadline, consent],
    }),
  );
}
