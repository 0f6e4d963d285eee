import type { Deployment } from "@demec/chain";
import type { FoundPeer } from "@demec/network";
import { regionTopic, serviceTopic } from "@demec/network/topics";
import { type Advert, decodeAdvert, type Hex, regionPrefixes } from "@demec/protocol";
import type { NetworkPort } from "./network.ts";

/** Peers that are looked at more closely; of a crowded topic the DHT gives each caller another random part. */
export const SAMPLE = 32;
/** For all adverts together; what comes later is done without. */
const ADVERTS_MS = 1_500;
/** Adverts read at a time: a DHT node has 80 requests under way at most, a read some ten, and what is above that waits long. */
const READERS = 6;

/** A node that says it serves. Its key is a claim until a handshake has proved it, and its advert its own word. */
export interface Lead extends FoundPeer {
  readonly advert: Advert | null;
}

export interface DiscoverOptions {
  readonly network: NetworkPort;
  readonly deployment: Pick<Deployment, "chainId" | "accessToken">;
  readonly serviceName: string;
  /** Caller's region path, such as eu-de-fra; none: everywhere is equally far. */
  readonly region?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Nodes that announce a service, `SAMPLE` at most, nearest region first, with their adverts. Takes a lookup for each
 * prefix of the region, one for the service, and a read for each node found, however many there are.
 * @throws network/unreachable, network/aborted
 */
export async function discover(options: DiscoverOptions): Promise<Lead[]> {
  const peers = await nearestPeers(options);
  const adverts = new Map<Hex, Advert>();
  const unread = peers.values();
  const reader = async () => {
    for (const { publicKey } of unread) {
      const advert = await readAdvert(publicKey, options);
      if (advert !== null) adverts.set(publicKey, advert);
    }
  };
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ADVERTS_MS);
  await Promise.race([Promise.all(Array.from({ length: READERS }, reader)), late]);
  clearTimeout(timer);
  return peers.map((peer) => ({ ...peer, advert: adverts.get(peer.publicKey) ?? null }));
}

async function nearestPeers({ network, serviceName, region, signal }: DiscoverOptions): Promise<FoundPeer[]> {
  const prefixes = region === undefined ? [] : regionPrefixes(region).reverse();
  const topics = [...prefixes.map((prefix) => regionTopic(serviceName, prefix)), serviceTopic(serviceName)];
  const found = await Promise.all(
    topics.map(async (topic) => {
      const peers: FoundPeer[] = [];
      for await (const peer of network.lookup(topic, { signal, limit: SAMPLE })) peers.push(peer);
      return peers;
    }),
  );
  const peers = new Map<Hex, FoundPeer>();
  for (const peer of found.flat())
    if (peers.size < SAMPLE && !peers.has(peer.publicKey)) peers.set(peer.publicKey, peer);
  return [...peers.values()];
}

/** The advert of a node for this market; null when it is none, or too old. */
export async function readAdvert(
  publicKey: Hex,
  { network, deployment }: Pick<DiscoverOptions, "network" | "deployment">,
): Promise<Advert | null> {
  try {
    const record = await network.readAdvert(publicKey);
    if (record === null) return null;
    const advert = decodeAdvert(record);
    const ours =
      advert.chainId === deployment.chainId &&
      advert.accessToken.toLowerCase() === deployment.accessToken.toLowerCase() &&
      advert.expiry * 1_000 > Date.now();
    return ours ? advert : null;
  } catch {
    // A stranger's record may hold anything, and the DHT may have lost it: it is a hint and no more.
    return null;
  }
}
