import type { Address } from "@demec/protocol";
import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { getContractEvents } from "../reads.ts";
import type { ReadClient } from "../types.ts";

/** Owners of the providers that have enrolled in a service and not resigned, in order of enrolment. */
export async function listEnrolledProviders(
  client: ReadClient,
  deployment: Deployment,
  serviceId: bigint,
): Promise<Address[]> {
  const filter = {
    address: deployment.registry,
    abi: serviceRegistryAbi,
    args: { serviceId },
    fromBlock: deployment.deploymentBlock,
    strict: true,
  } as const;
  const [enrolled, resigned] = await Promise.all([
    getContractEvents(client, { ...filter, eventName: "Enrolled" }),
    getContractEvents(client, { ...filter, eventName: "Resigned" }),
  ]);
  const events = [...enrolled, ...resigned].sort((a, b) =>
    a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : Number(a.blockNumber - b.blockNumber),
  );
  const providers = new Set<Address>();
  for (const { eventName, args } of events) {
    if (eventName === "Enrolled") providers.add(args.provider);
    else providers.delete(args.provider);
  }
  return [...providers];
}
