import type { Address } from "@demec/protocol";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { Provider, ReadClient } from "../types.ts";

/** What the chain knows of a provider; all zero for an account that never was one. */
export async function getProvider(client: ReadClient, deployment: Deployment, owner: Address): Promise<Provider> {
  const provider = await read(client, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "getProvider",
    args: [owner],
  });
  return { owner, ...provider };
}
