import type { Address } from "@demec/protocol";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ProviderKeys, ReadClient } from "../types.ts";

/** Keys of a provider: those that hold now, and what was announced to replace them. */
export function getProviderKeys(client: ReadClient, deployment: Deployment, owner: Address): Promise<ProviderKeys> {
  return read(client, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "getKeys",
    args: [owner],
  });
}
