import type { Hex } from "@demec/protocol";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";
import type { SignedConsent } from "./makeOperatorConsent.ts";

/** Registers the caller as a provider, or renews it. @throws chain/foreign-signer, chain/deadline-passed, protocol/bad-region */
export async function registerProvider(
  client: WriteClient,
  deployment: Deployment,
  {
    operator,
    deadline,
    consent,
    nodeKey,
    regions,
  }: SignedConsent & { readonly nodeKey: Hex; readonly regions: readonly string[] },
): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.staking,
      abi: providerStakingAbi,
      functionName: "register",
      args: [operator, deadline, consent, nodeKey, regions],
    }),
  );
}
