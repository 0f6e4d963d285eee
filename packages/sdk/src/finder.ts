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
 * to the node key on chain is the authenticated connection. What the DHT says is a hint and no more: where it leads to
 * nobody, the other enrolled providers are tried too.
 * @throws sdk/no-provider when none can be reached, network/… when the DHT can't
 */
export async function findProviders(options: FindOptions): Promise<FoundProvider[]> {
  const { client, deployment, serviceId, select, exclude } = options;
  const [online, owners] = await Promise.all([
    onlineNodeKeys(options),
    listEnrolledProviders(client, deployment, serviceId),
  ]);
  const enrolled = await Promise.all(owners.map((owner) => getProvider(client, deployment, owner)));
  const usable = enrolled
    .filter((provider) => provider.active && !exclude?.has(provider.nodeKey))
    .map((provider) => ({
      provider,
      regionDepth: regionDepth(provider, options.region),
      rttMs: Number.POSITIVE_INFINITY,
    }));
  const announced = usable.filter(({ provider }) => online.has(provider.nodeKey));
  let found = await connectBest(announced, options);
  if (found.length === 0) {
    const silent = usable.filter((candidate) => !announced.includes(candidate));
    found = await connectBest(silent, options);
  }
  const chosen = select(found) as FoundProvider[];
  for (const candidate of found) if (!chosen.includes(candidate)) void candidate.link.connection.close();
  if (chosen.length === 0) {
    throw new DemecError(
      "sdk/no-provider",
      `None of ${owners.length} providers enrolled in service ${serviceId} can be used: ${usable.length} are active, ${announced.length} of them announced, ${found.length} could be reached.`,
      {
        details: {
          serviceId,
          enrolled: owners.length,
          usable: usable.length,
          announced: announced.length,
          reached: found.length,
        },
      },
    );
  }
  return chosen;
}

/** Connects to the best at once; once one is there, the others have `GRACE_MS` left: a dead one must not hold up the rest. */
async function connectBest(
  candidates: readonly Candidate[],
  { network, signal, select }: FindOptions,
): Promise<FoundProvider[]> {
  const links: { candidate: Candidate; link: ProviderLink }[] = [];
  const enough = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let late = false;
  const attempts = select(candidates)
    .slice(0, MAX_TRIED)
    .map(async (candidate) => {
      const connection = await network.connect(candidate.provider.nodeKey, { timeoutMs: CONNECT_MS, signal });
      if (late) return void connection.close();
      links.push({ candidate, link: new ProviderLink(connection) });
      timer ??= setTimeout(enough.resolve, GRACE_MS);
    });
  await Promise.race([Promise.allSettled(attempts), enough.promise]);
  clearTimeout(timer);
  late = true;
  // The round trip is known some milliseconds after the connection.
  return links.map(({ candidate, link }) => ({
    ...candidate,
    link,
    rttMs: link.connection.rttMs ?? candidate.rttMs,
  }));
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
