import type { Address } from "@demec/protocol";
import type { Deployment } from "../addresses.ts";
import type { ReadClient } from "../types.ts";
import { standingEnrolments } from "./standingEnrolments.ts";

/** Services that a provider, by its owner, has enrolled in and not resigned, in order of enrolment. @throws chain/rpc */
export async function listServicesOf(client: ReadClient, deployment: Deployment, provider: Address): Promise<bigint[]> {
  return (await standingEnrolments(client, deployment, { provider })).map(({ serviceId }) => serviceId);
}
