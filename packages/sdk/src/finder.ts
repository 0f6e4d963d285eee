import {
  type Deployment,
  getProvider,
  isEnrolled,
  listEnrolledProviders,
  type Provider,
  priceAt,
  type ReadClient,
} from "@demec/chain";
import { type AdvertisedService, DemecError, type Hex, regionPrefixes } from "@demec/protocol";
import { type DiscoverOptions, discover, type Lead } from "./discovery.ts";
import type { ProviderHistory } from "./providerHistory.ts";
import { ProviderLink } from "./providerLink.ts";
import type { RelayFinder } from "./relays.ts";
import type { Candidate, SelectionPolicy } from "./selection.ts";
import { someOf } from "./someOf.ts";

/** Connections tried for one search at most: the best by what is known before. */
const MAX_TRIED = 8;
/** Enrolled providers that are asked for on chain at most, where the DHT leads to too few. */
const MAX_LISTED = 64;
const CONNECT_MS = 5_000;
const GRACE_MS = 750;

export interface FoundProvider extends Candidate {
  readonly link: ProviderLink;
}

export interface FindOptions extends DiscoverOptions {
  readonly client: ReadClient;
  readonly deployment: Deployment;
  readonly serviceId: bigint;
  /** Credits of the session that is wanted; 18 decimals. */
  readonly credits: bigint;
  /** Whether the service's publisher lets browsers provide it. */
  readonly browserProviders: boolean;
  readonly select: SelectionPolicy;
  readonly history: ProviderHistory;
  readonly relays: RelayFinder;
  /** Node keys not to use. */
  readonly exclude: ReadonlySet<Hex>;
}

interface Prospect {
  readonly candidate: Candidate;
  readonly lead: Lead | undefined;
}

/**
 * Online providers of a service, connected, best first. The DHT says who is there, the chain who may sell; a connection
 * to the node key on chain is the authenticated connection. What the DHT says is a hint and no more: where it leads to
 * nobody, other enrolled providers are tried too.
 * @throws sdk/no-provider when none can be reached, network/… when the DHT can't
 */
export async function findProviders(options: FindOptions): Promise<FoundProvider[]> {
  const { client, deployment, serviceId, credits, select } = options;
  const [leads, price] = await Promise.all([discover(options), priceAt(client, deployment, { serviceId })]);
  const prospects = await prospectsOf(leads, options);
  const isPromising = ({ lead, candidate: { advert } }: Prospect) =>
    lead !== undefined && (advert === null || wouldSell(advert, credits, price));
  const promising = prospects.filter(isPromising);
  let found = await connectBest(promising, options);
  if (found.length === 0) {
    found = await connectBest(
      prospects.filter((prospect) => !isPromising(prospect)),
      options,
    );
  }
  const chosen = select(found) as FoundProvider[];
  for (const candidate of found) if (!chosen.includes(candidate)) void candidate.link.connection.close();
  if (chosen.length === 0) {
    const counts = { announced: leads.length, usable: prospects.length, reached: found.length };
    throw new DemecError(
      "sdk/no-provider",
      `No provider of service ${serviceId} can be used: ${counts.announced} nodes announce it, ${counts.usable} providers may sell it, ${counts.reached} of them could be reached.`,
      { details: { serviceId, ...counts } },
    );
  }
  return chosen;
}

/** Providers that may sell, by the chain: those whose adverts name them, and where these are few, others that are enrolled. */
async function prospectsOf(leads: readonly Lead[], options: FindOptions): Promise<Prospect[]> {
  const { client, deployment, serviceId, exclude } = options;
  const byKey = new Map(leads.map((lead) => [lead.publicKey, lead]));
  const owners = new Set(leads.flatMap(({ advert }) => advert?.owner.toLowerCase() ?? []));
  const named = [...owners].map(async (owner) => {
    const [provider, enrolled] = await Promise.all([
      getProvider(client, deployment, owner as Hex),
      isEnrolled(client, deployment, { serviceId, provider: owner as Hex }),
    ]);
    return enrolled ? provider : [];
  });
  const isUsable = ({ active, nodeKey }: Provider) => active && !exclude.has(nodeKey);
  const providers = (await Promise.all(named)).flat().filter(({ nodeKey }) => byKey.has(nodeKey));
  if (providers.filter(isUsable).length < MAX_TRIED) {
    const known = new Set(providers.map(({ owner }) => owner.toLowerCase()));
    const others = (await listEnrolledProviders(client, deployment, serviceId)).filter(
      (owner) => !known.has(owner.toLowerCase()),
    );
    providers.push(
      ...(await Promise.all(someOf(others, MAX_LISTED).map((owner) => getProvider(client, deployment, owner)))),
    );
  }
  return providers
    .filter(isUsable)
    .map((provider) => {
      const lead = byKey.get(provider.nodeKey);
      return { lead, candidate: candidateOf(provider, lead, options) };
    })
    .filter(({ candidate }) => options.browserProviders || !candidate.inBrowser);
}

function candidateOf(provider: Provider, lead: Lead | undefined, options: FindOptions): Candidate {
  const { serviceId, region, history } = options;
  return {
    provider,
    regionDepth: regionDepth(provider, region),
    rttMs: Number.POSITIVE_INFINITY,
    inBrowser: lead?.advert?.inBrowser ?? false,
    advert: lead?.advert?.services.find((service) => service.serviceId === serviceId) ?? null,
    experience: history.of(provider.nodeKey),
  };
}

/** @param price of the curve now: what the credits of a new session are worth at most; payment-token base units × 1e18 */
function wouldSell(advert: AdvertisedService, credits: bigint, price: bigint): boolean {
  return advert.freeSessions > 0 && credits <= advert.maxCredits && advert.minValuePerCredit <= price;
}

/**
 * Connects to the best at once and measures their round trips; once one is there, the others have `GRACE_MS` left: a dead
 * one must not hold up the rest.
 */
async function connectBest(
  prospects: readonly Prospect[],
  { network, signal, select, relays }: FindOptions,
): Promise<FoundProvider[]> {
  const found: FoundProvider[] = [];
  const enough = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let late = false;
  const leads = new Map(prospects.map(({ candidate, lead }) => [candidate, lead]));
  const attempts = select([...leads.keys()])
    .slice(0, MAX_TRIED)
    .map(async (candidate) => {
      const connection = await network.connect(candidate.provider.nodeKey, {
        timeoutMs: CONNECT_MS,
        signal,
        relayAddresses: leads.get(candidate)?.relayAddresses,
        relays: () => relays.find(),
      });
      const rttMs = await connection.roundTrip();
      if (late) return void connection.close();
      found.push({ ...candidate, rttMs, link: new ProviderLink(connection) });
      timer ??= setTimeout(enough.resolve, GRACE_MS);
    });
  await Promise.race([Promise.allSettled(attempts), enough.promise]);
  clearTimeout(timer);
  late = true;
  return found;
}

function regionDepth(provider: Provider, region: string | undefined): number {
  if (region === undefined) return 0;
  const near = new Set(provider.regions.flatMap((path) => regionPrefixes(path)));
  return regionPrefixes(region).filter((prefix) => near.has(prefix)).length;
}
