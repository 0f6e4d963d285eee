import { assertChain, getService, getServiceMetadata } from "@demec/chain";
import type { ContentReference } from "@demec/protocol";
import { type BuyerContext, keep } from "./context.ts";
import type { DemecOptions, ServiceOptions } from "./options.ts";
import { ProviderHistory } from "./providerHistory.ts";
import { Service } from "./service.ts";
import { serviceIdIn } from "./serviceId.ts";
import { Turns } from "./turns.ts";

/** A buyer's way into the market. */
export interface Demec {
  readonly options: DemecOptions;
  /**
   * A service by its CAIP-19 id, `eip155:<chain>/erc1155:<access token>/<id>`.
   * @throws protocol/bad-service-name, chain/wrong-chain, sdk/foreign-market, chain/unknown-service
   */
  service(name: string, options?: ServiceOptions): Promise<Service>;
  /**
   * Keeps bytes here for providers to fetch: an input, or a module. What the call names is the returned reference; bytes that
   * a provider has already do not travel again.
   * @throws sdk/no-content-store, network/content-full
   */
  blob(bytes: Uint8Array): Promise<ContentReference>;
  /**
   * Lets go of all sessions in this process, once what they signed is durable. On chain they stay open: a later process
   * takes them up where journal and vault outlive this one.
   */
  release(): Promise<void>;
}

/** Puts a client together from its parts. Node programs use `connect` of `@demec/sdk/node` instead. */
export function createDemec(options: DemecOptions): Demec {
  const { client, deployment } = options;
  const release = new AbortController();
  const context: BuyerContext = {
    ...options,
    spending: new Turns(),
    taken: new Map(),
    history: new ProviderHistory(),
    released: release.signal,
  };
  return {
    options,
    async service(name, serviceOptions = {}) {
      const serviceId = serviceIdIn(deployment, name);
      await assertChain(client, deployment);
      const [terms, metadata] = await Promise.all([
        getService(client, deployment, serviceId),
        getServiceMetadata(client, deployment, serviceId),
      ]);
      return new Service(context, name, terms, metadata, serviceOptions);
    },
    blob: (bytes) => keep(context, bytes),
    async release() {
      release.abort();
      await Promise.all([...context.taken.values()].map((session) => session?.release()));
    },
  };
}
