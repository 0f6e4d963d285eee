import { assertChain, getService, getServiceMetadata } from "@demec/chain";
import { type ContentReference, DemecError, type Hex } from "@demec/protocol";
import type { ArchivedReceipt } from "@demec/session";
import { pruneSettled, receiptsOf } from "./archive.ts";
import { type BuyerContext, keep } from "./context.ts";
import { LightGuard } from "./lightGuard.ts";
import type { DemecOptions, ServiceOptions } from "./options.ts";
import { ProviderHistory } from "./providerHistory.ts";
import { RelayFinder } from "./relays.ts";
import type { CloseOptions, Closing } from "./sellBack.ts";
import { Service } from "./service.ts";
import { serviceIdIn } from "./serviceId.ts";
import { turnsOf } from "./turns.ts";
import { TowerFeed } from "./watchtower/towerFeed.ts";

/** A buyer's way into the market. */
export interface Demec {
  readonly options: DemecOptions;
  /**
   * A service by its CAIP-19 id, `eip155:<chain>/erc1155:<access token>/<id>`.
   * @throws protocol/bad-service-name, chain/wrong-chain, sdk/foreign-market, chain/unknown-service, light/false-service
   */
  service(name: string, options?: ServiceOptions): Promise<Service>;
  /**
   * Keeps bytes here for providers to fetch: an input, or a module. What the call names is the returned reference; bytes that
   * a provider has already do not travel again.
   * @throws sdk/no-content-store, network/content-full
   */
  blob(bytes: Uint8Array): Promise<ContentReference>;
  /**
   * Hands the newest states of all sessions to the watchtowers, and resolves when each holds them all: the buyer can be
   * away from then on. They are handed over in the background too, some seconds after they were signed.
   * @throws sdk/not-handed-over naming the towers and sessions; nothing when there is no watchtower
   */
  handOver(): Promise<void>;
  /**
   * Every receipt of a session that both sides signed for, with its proof: to be kept elsewhere before it is pruned.
   * @throws chain/unknown-session, chain/rpc, session/journal-corrupt
   */
  receipts(sessionId: Hex): Promise<ArchivedReceipt[]>;
  /**
   * Forgets journals and keys of sessions whose settlement has been final for `keepSeconds` of the chain's time.
   * @returns the sessions that were forgotten
   * @throws chain/rpc
   */
  prune(keepSeconds: number): Promise<Hex[]>;
  /**
   * Leaves every service that was asked for here, one after the other, and turns what is left of each into money again: see
   * `Service.close`. Where one fails the others are left all the same, and the first failure is thrown.
   */
  leave(options: CloseOptions): Promise<ReadonlyMap<Service, Closing>>;
  /** This machine was asleep, or without a network: providers that are away are tried again at once. */
  wake(): void;
  /**
   * Lets go of all sessions in this process, once what they signed is durable. On chain they stay open: a later process
   * takes them up where journal and vault outlive this one. Calls that are made from now on fail.
   * @param drainMs calls that are under way have so long to be answered; milliseconds, 0 by default
   */
  release(drainMs?: number): Promise<void>;
}

/** Puts a client together from its parts. Node programs use `connect` of `@demec/sdk/node` instead. */
export function createDemec(options: DemecOptions): Demec {
  const { client, deployment } = options;
  const release = new AbortController();
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
  const { network, watchtowers = [] } = options;
  const feeds = watchtowers.map((nodeKey) => new TowerFeed({ network, nodeKey, domain }));
  const context: BuyerContext = {
    ...options,
    feeds,
    spending: turnsOf(deployment.chainId, options.wallet.account.address),
    taken: new Map(),
    history: new ProviderHistory(),
    relays: new RelayFinder(options),
    guard: new LightGuard(options),
    released: release.signal,
  };
  const services: Service[] = [];
  return {
    options,
    async service(name, serviceOptions = {}) {
      const serviceId = serviceIdIn(deployment, name);
      await assertChain(client, deployment);
      const [terms, metadata] = await Promise.all([
        getService(client, deployment, serviceId),
        getServiceMetadata(client, deployment, serviceId),
      ]);
      await context.guard.service(terms);
      const service = new Service(context, name, terms, metadata, serviceOptions);
      services.push(service);
      return service;
    },
    async leave(options) {
      const left = new Map<Service, Closing>();
      const failures: unknown[] = [];
      for (const service of services) {
        try {
          left.set(service, await service.close(options));
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      return left;
    },
    blob: (bytes) => keep(context, bytes),
    receipts: (sessionId) => receiptsOf(context, sessionId),
    prune: (keepSeconds) => pruneSettled(context, keepSeconds),
    async handOver() {
      const left = await Promise.all(
        feeds.map(async (feed) => ({ nodeKey: feed.nodeKey, sessions: await feed.flush() })),
      );
      const missing = left.filter(({ sessions }) => sessions.length > 0);
      if (missing.length === 0) return;
      const text = missing.map(({ nodeKey, sessions }) => `${nodeKey} lacks ${sessions.join(", ")}`).join("; ");
      throw new DemecError("sdk/not-handed-over", `Not every watchtower holds every state: ${text}.`, {
        details: { missing },
      });
    },
    wake() {
      for (const session of context.taken.values()) session?.wake();
    },
    async release(drainMs = 0) {
      release.abort(new DemecError("sdk/session-released", "This client has let go of its sessions."));
      await Promise.all(
        [...context.taken.values()].map(async (session) => {
          await session?.drain(drainMs);
          await session?.release();
        }),
      );
      await Promise.all(feeds.map((feed) => feed.flush()));
      for (const feed of feeds) feed.close();
    },
  };
}
