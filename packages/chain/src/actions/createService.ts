import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, ServiceParams, WriteClient } from "../types.ts";

/** Creates a service; the caller is its publisher. @throws curve/unordered, curve/out-of-range, chain/bad-terms */
export async function createService(
  client: WriteClient,
  deployment: Deployment,
  params: ServiceParams,
): Promise<Mined & { serviceId: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.registry,
    abi: serviceRegistryAbi,
    functionName: "createService",
    args: [params],
  });
  return { ...mined(receipt), serviceId: eventOf(receipt, serviceRegistryAbi, "ServiceCreated").args.serviceId };
}
