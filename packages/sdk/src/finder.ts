import { type Deployment, getProvider, listEnrolledProviders, type Provider, type ReadClient } from "@demec/chain";
import { regionTopic, serviceTopic } from "@demec/network/portable";
import { DemecError, type Hex, regionPrefixes } from "@demec/protocol";
import type { NetworkPort } from "./network.ts";
import { ProviderLink } from "./providerLink.ts";
import type { Candidate, SelectionPolicy } from "./selection.ts";

/** Connections tried for one search at most: the best by what the chain says. */
const MAX_TRIED = 8;
const CONNECT_MS = 5_000;
const GRACE_MS = 750;

export interface FoundProvider extends Candidate {
  readonly link: ProviderLink;
}

export interface FindOptions {
  readonly client: ReadClient;
  readonly deployment: Deployment;
  readonly network: NetworkPort;
  readonly serviceName: string;
  readonly serviceId: bigint;
  /** Caller's region path, such as eu-de-fra; none: everywhere is equally far. */
  readonly region?: string | undefined;
  readonly select: SelectionPolicy;
  /** Node keys not to use. */
  readonly exclude?: ReadonlySet<Hex>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Online providers of a service, connected, best first. The DHT says who is there, the chain who may sell; a connection
 * to the node key on chain is the authenticated connection.
 * @throws sdk/no-provider when none can be reached
 */
export async function findProviders(options: FindOptions): Promise<FoundProvider[]> {
  const { client, deployment, serviceId, select, exclude, network, signal } = options;
  const [online, owners] = await Promise.all([
    onlineNodeKeys(options),
    listEnrolledProviders(client, deployment, serviceId),
  ]);
  const enrolled = await Promise.all(owners.map((owner) => getProvider(client, deployment, owner)));
  const usable = enrolled
    .filter((provider) => provider.active && online.has(provider.nodeKey) && !exclude?.has(provider.nodeKey))
    .map((provider) => ({
      provider,
      regionDepth: regionDepth(provider, options.region),
      rttMs: Number.POSITIVE_INFINITY,
    }));

  const found = await connectAll(select(usable).slice(0, MAX_TRIED), network, signal);
  if (found.length === 0) {
    throw new DemecError(
      "sdk/no-provider",
      `None of ${owners.length} providers enrolled in service ${serviceId} can be reached (${online.size} announced, ${usable.length} usable).`,
      { details: { serviceId, enrolled: owners.length, announced: online.size, usable: usable.length } },
    );
  }
  return select(found) as FoundProvider[];
}

/** Connects to all at once; once one is there, the others have `GRACE_MS` left: a dead one must not hold up the rest. */
async function connectAll(
  candidates: readonly Candidate[],
  network: NetworkPort,
  signal: AbortSignal | undefined,
): Promise<FoundProvider[]> {
  const found: FoundProvider[] = [];
  const enough = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let late = false;
  const attempts = candidates.map(async (candidate) => {
    const connection = await network.connect(candidate.provider.nodeKey, { timeoutMs: CONNECT_MS, signal });
    if (late) return void connection.close();
    found.push({ ...candidate, rttMs: connection.rttMs ?? candidate.rttMs, link: new ProviderLink(connection) });
    timer ??= setTimeout(enough.resolve, GRACE_MS);
  });
  await Promise.race([Promise.allSettled(attempts), enough.promise]);
  clearTimeout(timer);
  late = true;
  return found;
}

/** Asks the topics of the region from fine to coarse, then that of the whole service. */
async function onlineNodeKeys({ network, serviceName, region, signal }: FindOptions): Promise<Set<Hex>> {
  const topics = region === undefined ? [] : regionPrefixes(region).map((prefix) => regionTopic(serviceName, prefix));
  const keys = new Set<Hex>();
  await Promise.all(
    [serviceTopic(serviceName), ...topics].map(async (topic) => {
      for await (const { publicKey } of network.lookup(topic, { signal })) keys.add(publicKey);
    }),
  );
  return keys;
}

function regionDepth(provider: Provider, region: string | undefined): number {
  if (region === undefined) return 0;
  const near = new Set(provider.regions.flatMap((path) => regionPrefixes(path)));
  return regionPrefixes(region).filter((prefix) => near.has(prefix)).length;
}
