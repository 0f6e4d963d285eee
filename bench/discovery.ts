// What it costs a buyer to find providers of its city among ten thousand of one service: all of them announced, under
// their own keys but from a few machines, in a local DHT of a hundred nodes. Counts the requests that the buyer sends.
// Part of `pnpm bench:network`; writes to bench/results/network.json.
//   node bench/discovery.ts [--providers <n>] [--nodes <n>]
import { parseArgs } from "node:util";
import { Node, startLocalDht } from "@demec/network";
import { providerTopics } from "@demec/network/portable";
import { Crowd } from "@demec/network/testing";
import { encodeAdvert, type Hex, sha256 } from "@demec/protocol";
import { discover } from "@demec/sdk";
import { type Figure, report, round } from "./figures.ts";

const { values: options } = parseArgs({
  options: { providers: { type: "string", default: "10000" }, nodes: { type: "string", default: "100" } },
});
const market = { chainId: 1, accessToken: `0x${"ac".repeat(20)}` } as const;
const serviceName = `eip155:1/erc1155:${market.accessToken}/1`;
const HOME = "eu-de-fra";
/** Of ten providers, one is in the buyer's city, the others on other continents. */
const regionOf = (index: number) => (index % 10 === 0 ? HOME : "us-va-iad");
/** Nobody looks under the topics of other cities here. */
const looked = new Set(providerTopics(serviceName, HOME).map(String));
const MACHINES = 8;
const SEARCHES = 50;

const dht = await startLocalDht({ nodes: Number(options.nodes) });
const crowds = await Promise.all(Array.from({ length: MACHINES }, () => Crowd.join(dht.bootstrap)));
const atHome = new Set<Hex>();
let announced = 0;

/** Announces more providers until there are `count`. */
async function growTo(count: number): Promise<void> {
  const machine = async (crowd: Crowd) => {
    while (announced < count) {
      const index = announced++;
      const region = regionOf(index);
      const topics = providerTopics(serviceName, region).filter((topic) => looked.has(String(topic)));
      const owner = `0x${index.toString(16).padStart(40, "0")}` as const;
      const services = [{ serviceId: 1n, freeSessions: 9, maxCredits: 1n, minValuePerCredit: 0n, bondPerCredit: 0n }];
      // Nobody reads the others' adverts.
      const record =
        region === HOME ? encodeAdvert({ ...market, owner, expiry: 2 ** 40, inBrowser: false, services }) : null;
      const nodeKey = await crowd.add(sha256(Uint8Array.of(index & 255, index >> 8)), topics, record);
      if (region === HOME) atHome.add(nodeKey);
    }
  };
  await Promise.all(crowds.map(machine));
}

/** What `SEARCHES` buyers one after the other find, and what each costs. */
async function search() {
  const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1" });
  const times = new Map<Hex, number>();
  const requests: number[] = [];
  let fewest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < SEARCHES; i++) {
    const before = node.dhtRequests;
    const leads = await discover({ network: node, deployment: market, serviceName, region: HOME });
    requests.push(node.dhtRequests - before);
    const near = leads.filter(({ publicKey, advert }) => atHome.has(publicKey) && advert !== null);
    fewest = Math.min(fewest, near.length);
    for (const { publicKey } of near) times.set(publicKey, (times.get(publicKey) ?? 0) + 1);
  }
  await node.close();
  requests.sort((left, right) => left - right);
  return { median: requests[SEARCHES >> 1]!, most: requests.at(-1)!, fewest, times };
}

const few = Number(options.providers) / 100;
await growTo(few);
const before = await search();
await growTo(Number(options.providers));
const after = await search();
const note = `${announced} providers announced, ${atHome.size} of them in the buyer's city; ${SEARCHES} searches`;
const figure = (name: string, value: number, unit: string): Figure => ({ name, value, unit, target: null, note });
report("network", [
  figure("discoveryRequests", after.median, "DHT requests"),
  figure("discoveryRequestsMost", after.most, "DHT requests"),
  { ...figure("discoveryRequestsFew", before.median, "DHT requests"), note: `the same among ${few} providers` },
  { ...figure("discoveryNearest", after.fewest, "providers of the city, fewest"), target: 10, isLeast: true },
  figure("discoveryEverFound", round(after.times.size / atHome.size), "of the city's providers in all searches"),
  figure(
    "discoveryMostOftenFound",
    round(Math.max(...after.times.values()) / SEARCHES),
    "of searches, by one provider",
  ),
]);
await Promise.all(crowds.map((crowd) => crowd.close()));
await dht.close();
