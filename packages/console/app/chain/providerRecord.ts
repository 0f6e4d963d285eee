import {
  type Deployment,
  getProvider,
  listServicesOf,
  listSessions,
  type Provider,
  providerStakingAbi,
  type ReadClient,
  type SessionRecord,
} from "@demec/chain";
import type { Address } from "@demec/protocol";
import { getContractEvents } from "viem/actions";

/** Every account that registered as a provider, as it stands now; the others are left out. */
export async function listProviders(client: ReadClient, deployment: Deployment): Promise<Provider[]> {
  const logs = await getContractEvents(client, {
    address: deployment.staking,
    abi: providerStakingAbi,
    eventName: "ProviderRegistered",
    fromBlock: deployment.deploymentBlock,
    strict: true,
  });
  const owners = [...new Set(logs.map(({ args }) => args.owner))];
  const providers = await Promise.all(owners.map((owner) => getProvider(client, deployment, owner)));
  return providers.filter(({ registered }) => registered);
}

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
