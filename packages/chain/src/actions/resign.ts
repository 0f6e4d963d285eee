import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/** The calling provider takes no new sessions of a service. @throws chain/not-enrolled */
export async function resign(client: WriteClient, deployment: Deployment, serviceId: bigint): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.registry,
      abi: serviceRegistryAbi,
      functionName: "resign",
      args: [serviceId],
    }),
  );
}
