import type { Address } from "@demec/protocol";
import type { Deployment } from "../addresses.ts";
import type { ReadClient } from "../types.ts";
import { standingEnrolments } from "./standingEnrolments.ts";

/** Owners of the providers that have enrolled in a service and not resigned, in order of enrolment. */
export async function listEnrolledProviders(
  client: ReadClient,
  deployment: Deployment,
  serviceId: bigint,
): Promise<Address[]> {
  return (await standingEnrolments(client, deployment, { serviceId })).map(({ provider }) => provider);
}
