import type { Address } from "@demec/protocol";
import type { Deployment } from "../addresses.ts";
import type { ReadClient } from "../types.ts";
import { listSessions, type SessionOpening } from "./listSessions.ts";

/**
 * Sessions of a provider, of a buyer, or between both, that are open or closing, in order of opening.
 * @throws chain/rpc
 */
export async function listUnsettledSessions(
  client: ReadClient,
  deployment: Deployment,
  parties: { provider?: Address; buyer?: Address },
): Promise<SessionOpening[]> {
  const sessions = await listSessions(client, deployment, parties);
  return sessions.filter(({ settlement }) => settlement === null).map(({ settlement: _, ...opening }) => opening);
}
