import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/** The calling provider offers to run a service. @throws chain/provider-inactive, chain/unknown-service */
export async function enrol(client: WriteClient, deployment: Deployment, serviceId: bigint): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.registry,
      abi: serviceRegistryAbi,
      functionName: "enrol",
      args: [serviceId],
    }),
  );
}
