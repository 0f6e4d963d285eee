import { DemecError, parseServiceMetadata, type ServiceMetadata } from "@demec/protocol";
import { getContractEvents } from "viem/actions";
import { serviceRegistryAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import type { ReadClient } from "../types.ts";

/** What the publisher says about a service: hints, never terms. @throws chain/unknown-service */
export async function getServiceMetadata(
  client: ReadClient,
  deployment: Deployment,
  serviceId: bigint,
): Promise<ServiceMetadata> {
  const [log] = await getContractEvents(client, {
    address: deployment.registry,
    abi: serviceRegistryAbi,
    eventName: "ServiceCreated",
    args: { serviceId },
    fromBlock: deployment.deploymentBlock,
    strict: true,
  });
  if (log === undefined) {
    throw new DemecError("chain/unknown-service", `There is no service ${serviceId}.`, { details: { serviceId } });
  }
  return parseServiceMetadata(log.args.metadata);
}
