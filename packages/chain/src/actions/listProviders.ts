import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { getContractEvents } from "../reads.ts";
import type { Provider, ReadClient } from "../types.ts";
import { getProvider } from "./getProvider.ts";

/** Every account that is registered as a provider, as it stands now, in order of first registration. @throws chain/rpc */
export async function listProviders(client: ReadClient, deployment: Deployment): Promise<Provider[]> {
  const logs = await getContractEvents(client, {
    address: deployment.staking,
    abi: providerStakingAbi,
    eventName: "ProviderRegistered",
    fromBlock: deployment.deploymentBlock,
    strict: true,
  });
  const owners = [...new Set(logs.map(({ args }) => args.owner))];
  const providers = await Promise.all(owners.map((owner) => getProvider(client, deployment, owner)));
  return providers.filter(({ registered }) => registered);
}
