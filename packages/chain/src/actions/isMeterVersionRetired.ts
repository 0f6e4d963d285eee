import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** Whether a meter version was retired: it gets no new services and sessions, and is no ground for a slash. */
export function isMeterVersionRetired(
  client: ReadClient,
  deployment: Deployment,
  meterVersion: number,
): Promise<boolean> {
  return read(client, {
    address: deployment.registry,
    abi: serviceRegistryAbi,
    functionName: "isMeterVersionRetired",
    args: [meterVersion],
  });
}
