import { type Deployment, listServicesOf, listSessions, type ReadClient, type SessionRecord } from "@demec/chain";
import type { Address } from "@demec/protocol";

/** What the chain tells of a provider's work. */
export interface ProviderRecord {
  /** Newest first. */
  readonly sessions: readonly SessionRecord[];
  /** Paid out by settled sessions, by payment token. */
  readonly earned: ReadonlyMap<Address, bigint>;
  /** Of settled sessions. */
  readonly invocations: bigint;
  readonly breaches: bigint;
  /** Services it is enrolled in. */
  readonly serviceIds: readonly bigint[];
}

export async function providerRecord(
  client: ReadClient,
  deployment: Deployment,
  provider: Address,
): Promise<ProviderRecord> {
  const [sessions, serviceIds] = await Promise.all([
    listSessions(client, deployment, { provider }),
    listServicesOf(client, deployment, provider),
  ]);
  const earned = new Map<Address, bigint>();
  let invocations = 0n;
  let breaches = 0n;
  for (const { params, settlement } of sessions) {
    if (settlement === null) continue;
    earned.set(params.paymentToken, (earned.get(params.paymentToken) ?? 0n) + settlement.providerAmount);
    invocations += settlement.state.invocations;
    breaches += settlement.state.breaches;
  }
  return { sessions: sessions.reverse(), earned, invocations, breaches, serviceIds };
}
