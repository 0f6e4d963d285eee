import {
  type Deployment,
  getProvider,
  getSession,
  type ReadClient,
  type Session,
  type WriteClient,
} from "@demec/chain";
import type { Node } from "@demec/network";
import { type Connection, providerTopics } from "@demec/network/portable";
import { type Address, type Attach, DemecError, formatServiceName, type Hex } from "@demec/protocol";
import { type Journal, ProviderSession, type SessionTerms } from "@demec/session";
import { bytesToHex, hexToBigInt } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { admit } from "./admission.ts";
import { serveConnection } from "./connectionDesk.ts";
import type { ExecutorPort } from "./executorPort.ts";
import { HostedSession } from "./hostedSession.ts";
import type { Logger } from "./logger.ts";
import { OfferDesk } from "./offerDesk.ts";
import type { ProviderPolicy } from "./policy.ts";
import { type FetchModule, prepareService, type ServedService } from "./servedService.ts";
import { Settler } from "./settler.ts";

export interface ProviderOptions {
  readonly client: ReadClient;
  /** Wallet of the operator: settles sessions and pays their gas. */
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  /** Staked account that sells. */
  readonly owner: Address;
  readonly operatorPrivateKey: Hex;
  readonly node: Node;
  readonly executor: ExecutorPort;
  readonly fetchModule: FetchModule;
  /** Serves code by content on a connection, beside the calls. */
  readonly shareCode: (connection: Connection) => void;
  readonly journal: Journal;
  readonly policy: ProviderPolicy;
  readonly serviceIds: readonly bigint[];
  readonly logger: Logger;
}

/** How often engines are told the time; milliseconds. */
const TICK_MS = 25;
/** How often the chain is asked about open sessions; milliseconds. A small part of the shortest challenge period (60 s). */
const REVIEW_MS = 2_000;

export interface ProviderStatus {
  readonly services: readonly bigint[];
  readonly openSessions: number;
  readonly attachedSessions: number;
}

/** Sells the execution of its services' functions: answers buyers, runs their calls, gets what they signed to the chain. */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #operator: Address;
  readonly #settler: Settler;
  readonly #offers: OfferDesk;
  readonly #services = new Map<bigint, ServedService>();
  readonly #sessions = new Map<Hex, HostedSession>();
  /** Restores in progress, so that two connections never make two engines of one session. */
  readonly #opening = new Map<Hex, Promise<HostedSession>>();
  readonly #connections = new Set<Connection>();
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #reviewing: Promise<void> | null = null;
  #reviewAgain = false;
  #accepting = false;

  private constructor(options: ProviderOptions) {
    this.#options = options;
    this.#operator = privateKeyToAddress(options.operatorPrivateKey);
    this.#settler = new Settler(options);
    this.#offers = new OfferDesk({
      domain: { chainId: options.deployment.chainId, verifyingContract: options.deployment.escrow },
      owner: options.owner,
      operatorPrivateKey: options.operatorPrivateKey,
      policy: options.policy,
      minBondPerCredit: (serviceId) => this.#services.get(serviceId)?.terms.minBondPerCredit,
      openSessions: () => this.#sessions.size,
      randomNonce: () => hexToBigInt(bytesToHex(crypto.getRandomValues(new Uint8Array(32)))),
      now: () => Math.floor(Date.now() / 1000),
    });
  }

  /**
   * Gets the services' modules, takes up the sessions its journal knows, then listens and announces itself.
   * @throws provider/inactive, provider/foreign-operator, provider/foreign-node-key when the chain does not say what
   * this provider is about to claim; provider/… and wasm/… for a service that can't be served
   */
  static async start(options: ProviderOptions): Promise<Provider> {
    const provider = new Provider(options);
    try {
      await provider.#start();
    } catch (error) {
      await provider.stop();
      throw error;
    }
    return provider;
  }

  status(): ProviderStatus {
    const sessions = [...this.#sessions.values()];
    return {
      services: [...this.#services.keys()],
      openSessions: sessions.length,
      attachedSessions: sessions.filter((session) => session.attached).length,
    };
  }

  /** Stops offering and listening, then waits until what was signed is durable. Open sessions go on at the next start. */
  async stop(): Promise<void> {
    this.#accepting = false;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await Promise.all(
      [...this.#connections].map((connection) => connection.close("provider/stops", "This provider stops.")),
    );
    await this.#reviewing;
    await Promise.all([...this.#sessions.values()].map((session) => session.settled()));
  }

  async #start(): Promise<void> {
    const { client, deployment, owner, node, serviceIds, logger } = this.#options;
    const onChain = await getProvider(client, deployment, owner);
    if (!onChain.active) {
      throw new DemecError(
        "provider/inactive",
        `Account ${owner} may not open sessions: stake ${onChain.staked}, operator ${onChain.operator}.`,
        {
          details: { owner, staked: onChain.staked, operator: onChain.operator, registered: onChain.registered },
        },
      );
    }
    if (onChain.operator.toLowerCase() !== this.#operator.toLowerCase()) {
      throw new DemecError(
        "provider/foreign-operator",
        `The operator on chain is ${onChain.operator}, this one is ${this.#operator}.`,
        {
          details: { onChain: onChain.operator, here: this.#operator },
        },
      );
    }
    const nodeKey = node.publicKey;
    if (onChain.nodeKey !== nodeKey) {
      throw new DemecError(
        "provider/foreign-node-key",
        `The node key on chain is ${onChain.nodeKey}, this one is ${nodeKey}.`,
        {
          details: { onChain: onChain.nodeKey, here: nodeKey },
        },
      );
    }
    for (const serviceId of serviceIds) {
      this.#services.set(serviceId, await prepareService({ ...this.#options, serviceId }));
      logger.info({ serviceId }, "service ready");
    }
    await this.#resume();

    this.#accepting = true;
    await node.listen({ onConnection: (connection) => this.#connected(connection) });
    for (const serviceId of serviceIds) {
      const name = formatServiceName({ chainId: deployment.chainId, accessToken: deployment.accessToken, serviceId });
      const topics = onChain.regions.flatMap((region) => providerTopics(name, region));
      const distinct = new Map(topics.map((topic) => [bytesToHex(topic), topic]));
      await Promise.all([...distinct.values()].map((topic) => node.announce(topic)));
    }
    this.#timers.push(
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => this.#review(), REVIEW_MS),
    );
    logger.info({ owner, nodeKey, regions: onChain.regions, services: serviceIds }, "provider is open for business");
  }

  #connected(connection: Connection): void {
    if (!this.#accepting) {
      void connection.close("provider/stops", "This provider stops.");
      return;
    }
    this.#connections.add(connection);
    this.#options.shareCode(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    serveConnection(connection, {
      signOffer: (request) => this.#offers.sign(request),
      hostSession: (attach) => this.#host(attach, connection.handshakeHash),
      logger: this.#options.logger,
    });
  }

  /** The session that an attachment is for, after every check that money rests on. */
  async #host(attach: Attach, handshakeHash: Hex): Promise<HostedSession> {
    const { policy } = this.#options;
    const onChain = await admit(
      { ...this.#options, operator: this.#operator, confirmations: policy.confirmations },
      attach,
      handshakeHash,
    );
    return this.#sessions.get(attach.sessionId) ?? this.#open(onChain);
  }

  /** Makes the one engine of a session, from the journal where it has been before. */
  #open(onChain: Session): Promise<HostedSession> {
    const { sessionId } = onChain;
    let opening = this.#opening.get(sessionId);
    if (opening === undefined) {
      opening = this.#restore(onChain).finally(() => this.#opening.delete(sessionId));
      this.#opening.set(sessionId, opening);
    }
    return opening;
  }

  async #restore(onChain: Session): Promise<HostedSession> {
    const { deployment, journal, executor, policy, operatorPrivateKey, logger } = this.#options;
    const { sessionId, params } = onChain;
    const service = this.#services.get(params.serviceId);
    if (service === undefined) {
      throw new DemecError("provider/service-not-served", `Service ${params.serviceId} is not served here.`, {
        details: { serviceId: params.serviceId },
      });
    }
    const snapshot = await journal.load(sessionId);
    const engine = new ProviderSession({
      terms: sessionTerms(deployment, onChain, service),
      policy: policy.exposure(params.credits),
      operatorPrivateKey,
      ...(snapshot === null ? {} : { restored: snapshot }),
    });
    const session = new HostedSession({
      onChain,
      engine,
      service,
      journal,
      executor,
      maxDeadlineMs: policy.maxDeadlineMs,
      now: () => performance.now(),
      onFinal: () => this.#review(),
      onHalt: (code, message) => {
        logger.warn({ sessionId, code, message }, "session halted: it will be settled at its newest state");
        this.#settler.end(sessionId);
      },
      onBroken: (error) => {
        logger.error({ sessionId, error }, "the journal failed: session will be settled at its newest durable state");
        this.#settler.end(sessionId);
      },
    });
    this.#sessions.set(sessionId, session);
    logger.info({ sessionId, buyer: params.buyer, credits: params.credits, value: params.value }, "session hosted");
    return session;
  }

  /** Takes up the sessions that an earlier run left open, so that their states reach the chain in time. */
  async #resume(): Promise<void> {
    const { client, deployment, journal, logger } = this.#options;
    for (const sessionId of await journal.list()) {
      const onChain = await getSession(client, deployment, sessionId);
      if (onChain.status === "settled") continue;
      if (this.#services.has(onChain.params.serviceId)) await this.#open(onChain);
      else
        logger.warn(
          { sessionId, serviceId: onChain.params.serviceId },
          "a session of a service not served here is open",
        );
    }
  }

  #tick(): void {
    for (const session of this.#sessions.values()) session.tick();
  }

  /** Reviews all sessions; asked for meanwhile, once more afterwards. */
  #review(): void {
    this.#reviewAgain = true;
    this.#reviewing ??= (async () => {
      while (this.#reviewAgain) {
        this.#reviewAgain = false;
        await this.#reviewAll();
      }
      this.#reviewing = null;
    })();
  }

  async #reviewAll(): Promise<void> {
    const { policy, logger } = this.#options;
    for (const session of [...this.#sessions.values()]) {
      const { sessionId, engine } = session;
      if (!session.attached && performance.now() - session.lastSeenMs > policy.idleCloseMs)
        this.#settler.end(sessionId);
      try {
        // Only what is durable goes on chain: a restart must not know less than the chain.
        await session.settled();
        if (await this.#settler.review(sessionId, engine.state)) this.#sessions.delete(sessionId);
      } catch (error) {
        logger.warn({ sessionId, error }, "settlement step failed; it will be tried again");
      }
    }
  }
}

function sessionTerms(
  deployment: Deployment,
  { sessionId, params }: Session,
  { terms, moduleHash }: ServedService,
): SessionTerms {
  return {
    sessionId,
    domain: { chainId: deployment.chainId, verifyingContract: deployment.escrow },
    operator: params.operator,
    sessionKey: params.sessionKey,
    credits: params.credits,
    moduleHash,
    tariff: terms.tariff,
    maxLatencyMs: terms.sla.maxLatencyMs,
  };
}
