import {
  type Deployment,
  getProvider,
  type Provider,
  providerStakingAbi,
  type ReadClient,
  type SessionParams,
  type Settlement,
  serviceRegistryAbi,
  slaEscrowAbi,
} from "@demec/chain";
import type { Address, Hex } from "@demec/protocol";
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

/** One session, and how it ended if it has. */
export interface SessionRecord {
  readonly sessionId: Hex;
  readonly params: SessionParams;
  readonly settlement: Settlement | null;
}

/** All sessions of a buyer or of a provider, newest first. */
export async function listSessions(
  client: ReadClient,
  deployment: Deployment,
  party: { readonly buyer: Address } | { readonly provider: Address },
): Promise<SessionRecord[]> {
  const filter = {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    args: party,
    fromBlock: deployment.deploymentBlock,
    strict: true,
  } as const;
  const [opened, settled] = await Promise.all([
    getContractEvents(client, { ...filter, eventName: "SessionOpened" }),
    getContractEvents(client, { ...filter, eventName: "SessionSettled" }),
  ]);
  const ends = new Map(settled.map(({ args }) => [args.sessionId, args as Settlement]));
  return opened
    .map(({ args: { sessionId, params } }) => ({ sessionId, params, settlement: ends.get(sessionId) ?? null }))
    .reverse();
}

/** What the chain tells of a provider's work. */
export interface ProviderRecord {
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
  const enrolments = {
    address: deployment.registry,
    abi: serviceRegistryAbi,
    args: { provider },
    fromBlock: deployment.deploymentBlock,
    strict: true,
  } as const;
  const [sessions, enrolled, resigned] = await Promise.all([
    listSessions(client, deployment, { provider }),
    getContractEvents(client, { ...enrolments, eventName: "Enrolled" }),
    getContractEvents(client, { ...enrolments, eventName: "Resigned" }),
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
  // A provider may have resigned and enrolled again: what happened last counts.
  const serviceIds = new Set<bigint>();
  const order = (log: { blockNumber: bigint; logIndex: number }) => log.blockNumber * 1_000_000n + BigInt(log.logIndex);
  for (const { eventName, args } of [...enrolled, ...resigned].sort((a, b) => (order(a) < order(b) ? -1 : 1))) {
    if (eventName === "Enrolled") serviceIds.add(args.serviceId);
    else serviceIds.delete(args.serviceId);
  }
  return { sessions, earned, invocations, breaches, serviceIds: [...serviceIds] };
}
