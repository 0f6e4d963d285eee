import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient, Service } from "../types.ts";

/** A service as it was created. @throws chain/unknown-service */
export async function getService(client: ReadClient, deployment: Deployment, serviceId: bigint): Promise<Service> {
  const service = await read(client, {
    address: deployment.registry,
    abi: serviceRegistryAbi,
    functionName: "getService",
    args: [serviceId],
  });
  return { serviceId, ...service };
}
