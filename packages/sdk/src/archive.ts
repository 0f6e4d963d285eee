import { getService, getSession, listLongSettled, moduleHashOf } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import { type ArchivedReceipt, provenReceipts, sessionTerms } from "@demec/session";
import type { BuyerContext } from "./context.ts";

/**
 * Every receipt of a session that both sides signed for, with its proof, as the journal has them; none where there is no
 * journal of it any more.
 * @throws chain/unknown-session, chain/rpc, session/journal-corrupt
 */
export async function receiptsOf(
  { client, deployment, journal }: Pick<BuyerContext, "client" | "deployment" | "journal">,
  sessionId: Hex,
): Promise<ArchivedReceipt[]> {
  const snapshot = await journal.load(sessionId);
  if (snapshot === null) return [];
  const { params } = await getSession(client, deployment, sessionId);
  const service = await getService(client, deployment, params.serviceId);
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
  const terms = sessionTerms({ sessionId, params, service }, { domain, moduleHash: moduleHashOf(service) });
  return [...provenReceipts(terms, snapshot)];
}

/**
 * Forgets journals and keys of sessions whose settlement has been final for so long.
 * @param keepSeconds of the chain's time, ≥ 0
 * @returns the sessions that were forgotten
 * @throws chain/rpc
 */
export async function pruneSettled(
  { client, deployment, journal, vault, taken }: BuyerContext,
  keepSeconds: number,
): Promise<Hex[]> {
  const sessionIds = (await journal.list()).filter((sessionId) => taken.get(sessionId)?.lost !== null);
  const settled = await listLongSettled(client, deployment, { sessionIds, seconds: keepSeconds });
  for (const sessionId of settled) {
    const { params } = await getSession(client, deployment, sessionId);
    // The journal last: as long as it is there, the next time finds both.
    await vault.remove(params.sessionKey);
    await journal.drop(sessionId);
  }
  return settled;
}
