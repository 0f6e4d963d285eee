import type { Address } from "@demec/protocol";
import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { inLogOrder } from "../logs.ts";
import { getContractEvents } from "../reads.ts";
import type { ReadClient } from "../types.ts";

export interface Enrolment {
  readonly serviceId: bigint;
  readonly provider: Address;
}

/**
 * Enrolments in one service, or of one provider, that were not resigned, in order: who resigned and enrolled again stands.
 * @throws chain/rpc
 */
export async function standingEnrolments(
  client: ReadClient,
  deployment: Deployment,
  of: { readonly serviceId: bigint } | { readonly provider: Address },
): Promise<Enrolment[]> {
  const filter = {
    address: deployment.registry,
    abi: serviceRegistryAbi,
    args: of,
    fromBlock: deployment.deploymentBlock,
    strict: true,
  } as const;
  const [enrolled, resigned] = await Promise.all([
    getContractEvents(client, { ...filter, eventName: "Enrolled" }),
    getContractEvents(client, { ...filter, eventName: "Resigned" }),
  ]);
  const standing = new Map<string, Enrolment>();
  for (const { eventName, args } of inLogOrder([...enrolled, ...resigned])) {
    const { serviceId, provider } = args;
    if (eventName === "Enrolled") standing.set(`${serviceId} ${provider}`, { serviceId, provider });
    else standing.delete(`${serviceId} ${provider}`);
  }
  return [...standing.values()];
}
