import type { Address } from "@demec/protocol";
import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** Whether a provider, by its owner, may sell a service. */
export function isEnrolled(
  client: ReadClient,
  deployment: Deployment,
  { serviceId, provider }: { serviceId: bigint; provider: Address },
): Promise<boolean> {
  return read(client, {
    address: deployment.registry,
    abi: serviceRegistryAbi,
    functionName: "isEnrolled",
    args: [serviceId, provider],
  });
}
