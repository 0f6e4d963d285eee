// A market on the matrix's internet: a chain, a publisher, and a staked provider that relays. Says in one line of JSON what
// a provider and a buyer elsewhere need; ends with its standard input.
import { compileShout } from "../support/functions.ts";
import { LocalMarket, USD } from "../support/localMarket.ts";
import { BOOTSTRAP, MARKET_HOST } from "./sites.ts";

type Environment = Readonly<Record<string, string>>;

export interface NatMarket {
  readonly service: string;
  /** Environments of `demec provider start` and of a buyer. */
  readonly provider: Environment;
  readonly buyer: Environment;
  /** Node key of the provider that relays, which sells another service. */
  readonly relay: string;
}

const market = await LocalMarket.start({ host: MARKET_HOST, bootstrap: BOOTSTRAP });
const shout = await compileShout();
const [service, other] = [await market.publish(shout), await market.publish(shout)];
const { nodeKey: relay } = await market.spawnProvider({ services: [other], args: ["--relay"] });
const [owner, operator] = [await market.account({ demec: 5_000n * 10n ** 18n }), await market.account()];
/** Whoever is elsewhere binds what is there. */
const elsewhere = ({ DEMEC_HOST: _, ...environment }: Environment): Environment => environment;
const provider = {
  ...elsewhere(market.environment(owner)),
  ...{ DEMEC_OWNER_KEY: owner.privateKey, DEMEC_OPERATOR_KEY: operator.privateKey },
};
const buyer = elsewhere(market.environment(await market.account({ usd: 100n * USD })));
console.log(JSON.stringify({ market: { service, provider, buyer, relay } satisfies NatMarket }));

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void end());
process.stdin.resume().on("end", () => void end());
async function end(): Promise<void> {
  await market.stop();
  process.exit(0);
}
