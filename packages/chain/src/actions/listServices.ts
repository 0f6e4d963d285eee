import type { Address, Hex } from "@demec/protocol";
import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { getContractEvents } from "../reads.ts";
import type { ReadClient } from "../types.ts";

export interface ListedService {
  readonly serviceId: bigint;
  readonly publisher: Address;
  readonly codeHash: Hex;
  readonly metadata: string;
}

/** Every service of the deployment, oldest first. */
export async function listServices(client: ReadClient, deployment: Deployment): Promise<ListedService[]> {
  const logs = await getContractEvents(client, {
    address: deployment.registry,
    abi: serviceRegistryAbi,
    eventName: "ServiceCreated",
    fromBlock: deployment.deploymentBlock,
    strict: true,
  });
  return logs.map((log) => log.args);
}
