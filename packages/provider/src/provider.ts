import type { AccessGate, SecretOpener } from "@demec/access";
import { assertChain, type Deployment, getProvider, type ReadClient, type WriteClient } from "@demec/chain";
import type { Node } from "@demec/network";
import type { Connection } from "@demec/network/portable";
import { providerTopics, serviceTopic } from "@demec/network/topics";
import { type Address, type Attach, DemecError, formatServiceName, type Hex } from "@demec/protocol";
import type { Journal } from "@demec/session";
import { bytesToHex, hexToBigInt } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { AccessDesk, type Visitor } from "./accessDesk.ts";
import { admit } from "./admission.ts";
import { Advertiser } from "./advertiser.ts";
import type { CallStats } from "./callStats.ts";
import { serveConnection } from "./connectionDesk.ts";
import { ContentDesk } from "./content/contentDesk.ts";
import type { ContentPort } from "./content/fetcher.ts";
import { Doorkeeper } from "./doorkeeper.ts";
import type { ExecutorPort } from "./executorPort.ts";
import type { HostedSession } from "./hostedSession.ts";
import type { Logger } from "./logger.ts";
import { OfferDesk } from "./offerDesk.ts";
import type { ProviderPolicy } from "./policy.ts";
import { prepareService, type ServedService } from "./servedService.ts";
import { SessionHost } from "./sessionHost.ts";

export interface ProviderOptions {
  readonly client: ReadClient;
  /** Wallet of the operator: settles sessions and pays their gas. */
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  /** Staked account that sells. */
  readonly owner: Address;
  readonly operatorPrivateKey: Hex;
  readonly node: Pick<Node, "publicKey" | "listen" | "announce" | "unannounce" | "publishAdvert">;
  readonly executor: ExecutorPort;
  /** Modules, and the inputs and outputs that travel by content. */
  readonly content: ContentPort;
  readonly journal: Journal;
  readonly policy: ProviderPolicy;
  /** Whether it runs in a browser's tab, which buyers then hear. */
  readonly inBrowser: boolean;
  readonly serviceIds: readonly bigint[];
  /** Gates of the services that have one: nobody calls these who hasn't entered. */
  readonly gates: ReadonlyMap<bigint, AccessGate>;
  /** Opens what buyers seal for executions here; null: nothing. */
  readonly opener: SecretOpener | null;
  readonly logger: Logger;
}

export interface ProviderStatus {
  readonly services: readonly bigint[];
  readonly openSessions: number;
  readonly attachedSessions: number;
  /** Credits at risk in all sessions: work that no state with both signatures covers; 18 decimals. */
  readonly unsignedCredits: bigint;
  /** Whether new sessions are taken. */
  readonly accepting: boolean;
  readonly connections: {
    readonly open: number;
    /** Of these, those without an attached session. */
    readonly strangers: number;
    readonly accepted: number;
    readonly turnedAway: number;
    readonly shownOut: number;
  };
  /** How often each request was granted, or refused with a code: `offer granted`, `attach provider/foreign-session`. */
  readonly answers: ReadonlyMap<string, number>;
  readonly calls: Readonly<CallStats>;
}

/** How often connections without a session are looked through; milliseconds. */
const SWEEP_MS = 1_000;

/** Sells the execution of its services' functions: answers buyers, runs their calls, gets what they signed to the chain. */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #operator: Address;
  readonly #content: ContentDesk;
  readonly #offers: OfferDesk;
  readonly #access: AccessDesk;
  readonly #advertiser: Advertiser;
  readonly #sessions: SessionHost;
  readonly #services = new Map<bigint, ServedService>();
  readonly #connections = new Set<Connection>();
  readonly #door: Doorkeeper;
  readonly #answers = new Map<string, number>();
  readonly #sweeping: ReturnType<typeof setInterval>;
  readonly #looking: ReturnType<typeof setInterval>;
  #topics: Uint8Array[] = [];
  #accepted = 0;
  #accepting = false;

  private constructor(options: ProviderOptions) {
    const { deployment, owner, operatorPrivateKey, policy } = options;
    this.#options = options;
    this.#operator = privateKeyToAddress(operatorPrivateKey);
    this.#content = new ContentDesk({
      ...{ executor: options.executor, store: options.content, policy: policy.content },
      now: () => performance.now(),
    });
    this.#sessions = new SessionHost({
      ...options,
      executor: this.#content,
      operator: this.#operator,
      serviceOf: (serviceId) => this.#services.get(serviceId),
      onJournalFailed: () => this.#shut(),
    });
    const { gates, logger } = options;
    this.#access = new AccessDesk({ gates, logger, sessions: () => this.#sessions.hosted() });
    this.#door = new Doorkeeper(policy.strangers, () => performance.now());
    this.#sweeping = setInterval(() => this.#door.sweep(), SWEEP_MS);
    this.#looking = setInterval(() => void this.#access.review(), policy.reviewMs);
    this.#offers = new OfferDesk({
      domain: { chainId: deployment.chainId, verifyingContract: deployment.escrow },
      owner,
      operatorPrivateKey,
      policy,
      minBondPerCredit: (serviceId) => this.#services.get(serviceId)?.terms.minBondPerCredit,
      openSessions: () => this.#sessions.size,
      sessionsOf: (buyer) => this.#sessions.sizeOf(buyer),
      randomNonce: () => hexToBigInt(bytesToHex(crypto.getRandomValues(new Uint8Array(32)))),
      now: () => maxOf(BigInt(Math.floor(Date.now() / 1000)), this.#sessions.chainTime),
    });
    const { chainId, accessToken } = deployment;
    this.#advertiser = new Advertiser({
      publish: (record) => options.node.publishAdvert(record),
      advert: () => {
        const services = this.#offers.advertised([...this.#services.keys()]);
        const now = this.#accepting ? services : services.map((service) => ({ ...service, freeSessions: 0 }));
        return { chainId, accessToken, owner, inBrowser: options.inBrowser, services: now };
      },
      logger: options.logger,
    });
  }

  /**
   * Gets the services' modules, takes up the sessions that are open, then listens and announces itself.
   * @throws provider/inactive, provider/foreign-operator, provider/foreign-node-key when the chain does not say what
   * this provider is about to claim; provider/… and wasm/… for a service that can't be served; chain/wrong-chain
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
    return {
      services: [...this.#services.keys()],
      openSessions: this.#sessions.size,
      attachedSessions: this.#sessions.attached,
      unsignedCredits: this.#sessions.unsignedCredits,
      accepting: this.#accepting && !this.#options.journal.failed,
      connections: {
        open: this.#connections.size,
        strangers: this.#door.strangers,
        accepted: this.#accepted,
        turnedAway: this.#door.turnedAway,
        shownOut: this.#door.shownOut,
      },
      answers: this.#answers,
      calls: this.#sessions.calls,
    };
  }

  /**
   * Takes a service up while running: gets its module, then announces it. Does nothing when it is served already.
   * @throws provider/stops, provider/not-enrolled, and what `start` throws for a service that can't be served
   */
  async serve(serviceId: bigint): Promise<void> {
    this.#assertAccepting();
    if (this.#services.has(serviceId)) return;
    await this.#prepare(serviceId);
    const { client, deployment, owner, node } = this.#options;
    const known = new Set(this.#topics.map((topic) => bytesToHex(topic)));
    this.#topics = this.#topicsIn((await getProvider(client, deployment, owner)).regions);
    this.#assertAccepting();
    for (const topic of this.#topics) if (!known.has(bytesToHex(topic))) await node.announce(topic);
    this.#advertiser.renew();
  }

  /**
   * Leaves in order: takes back its announcements, gives no more offers, takes no new sessions and calls, lets those that
   * run be answered and signed for. Stop it afterwards.
   * @returns sessions that still had something under way after `timeoutMs`
   */
  drain(timeoutMs: number): Promise<number> {
    this.#shut();
    return this.#sessions.drain(timeoutMs);
  }

  /** Takes back what brings buyers here: announcements, and the room that the advert tells of. */
  #shut(): void {
    this.#accepting = false;
    const { node, logger } = this.#options;
    for (const topic of this.#topics.splice(0)) {
      node.unannounce(topic).catch((error) => logger.debug({ error }, "an announcement could not be taken back"));
    }
    this.#advertiser.look();
  }

  /** Stops offering and listening, then waits until what was signed is durable. Open sessions go on at the next start. */
  async stop(): Promise<void> {
    this.#accepting = false;
    clearInterval(this.#sweeping);
    clearInterval(this.#looking);
    this.#content.stop();
    const rest = Promise.all([this.#advertiser.stop(), this.#sessions.stop()]);
    await Promise.all(
      [...this.#connections].map((connection) => connection.close("provider/stops", "This provider stops.")),
    );
    await rest;
  }

  async #start(): Promise<void> {
    const { client, deployment, node, serviceIds, logger, owner } = this.#options;
    await assertChain(client, deployment);
    const { regions } = await this.#assertOnChain();
    for (const serviceId of serviceIds) await this.#prepare(serviceId);
    await this.#sessions.start();

    this.#accepting = true;
    await node.listen({
      admit: (nodeKey, host) => this.#door.mayConnect(nodeKey, host),
      onConnection: (connection) => this.#connected(connection),
      onFailure: (error) => logger.debug({ error }, "a connection failed"),
    });
    this.#topics = this.#topicsIn(regions);
    for (const topic of this.#topics) await node.announce(topic);
    this.#advertiser.start();
    logger.info({ owner, nodeKey: node.publicKey, regions, services: serviceIds }, "provider is open for business");
  }

  async #prepare(serviceId: bigint): Promise<void> {
    this.#services.set(serviceId, await prepareService({ ...this.#options, content: this.#content, serviceId }));
    this.#options.logger.info({ serviceId }, "service ready");
  }

  /** What the chain says of this provider, once it says what this provider is about to claim. */
  async #assertOnChain() {
    const { client, deployment, owner, node } = this.#options;
    const onChain = await getProvider(client, deployment, owner);
    const { staked, operator, registered, nodeKey } = onChain;
    if (!onChain.active) {
      throw new DemecError(
        "provider/inactive",
        `Account ${owner} may not open sessions: stake ${staked}, operator ${operator}.`,
        { details: { owner, staked, operator, registered } },
      );
    }
    if (operator.toLowerCase() !== this.#operator.toLowerCase()) {
      throw new DemecError(
        "provider/foreign-operator",
        `The operator on chain is ${operator}, this one is ${this.#operator}.`,
        { details: { onChain: operator, here: this.#operator } },
      );
    }
    if (nodeKey !== node.publicKey) {
      throw new DemecError(
        "provider/foreign-node-key",
        `The node key on chain is ${nodeKey}, this one is ${node.publicKey}.`,
        { details: { onChain: nodeKey, here: node.publicKey } },
      );
    }
    return onChain;
  }

  /** Every topic under which buyers look for the services, each once. */
  #topicsIn(regions: readonly string[]): Uint8Array[] {
    const { chainId, accessToken } = this.#options.deployment;
    const names = [...this.#services.keys()].map((serviceId) => formatServiceName({ chainId, accessToken, serviceId }));
    const topics = names.flatMap((name) => [
      serviceTopic(name),
      ...regions.flatMap((region) => providerTopics(name, region)),
    ]);
    return [...new Map(topics.map((topic) => [bytesToHex(topic), topic])).values()];
  }

  #connected(connection: Connection): void {
    if (!this.#accepting) {
      void connection.close("provider/stops", "This provider stops.");
      return;
    }
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    this.#accepted++;
    this.#door.strange(connection);
    this.#options.content.replicate(connection);
    const visitor = this.#access.visitor();
    serveConnection(connection, {
      answerAccess: (request) => visitor.answer(request),
      signOffer: (request) => {
        this.#assertAccepting();
        visitor.assertEntered(request.serviceId, request.buyer);
        return this.#offers.sign(request);
      },
      mayAsk: () => this.#door.mayAsk(connection.remotePublicKey),
      onAttachment: (attached) => (attached ? this.#door.welcome(connection) : this.#door.strange(connection)),
      onAnswer: (regarding, code) => this.#count(`${regarding} ${code ?? "granted"}`),
      hostSession: (attach) => this.#admit(attach, connection.handshakeHash, visitor),
      logger: this.#options.logger,
      now: () => performance.now(),
    });
  }

  /** The session that an attachment is for, after every check that money rests on. */
  async #admit(attach: Attach, handshakeHash: Hex, visitor: Visitor): Promise<HostedSession> {
    this.#assertAccepting();
    const { confirmations } = this.#options.policy;
    const onChain = await admit({ ...this.#options, operator: this.#operator, confirmations }, attach, handshakeHash);
    const { serviceId, buyer } = onChain.params;
    const claims = visitor.assertEntered(serviceId, buyer);
    const session = await this.#sessions.open(onChain);
    session.guard.claims = claims;
    return session;
  }

  #assertAccepting(): void {
    // Whatever was signed for it could not be kept: its buyer would pay for opening a session that breaks at once.
    if (this.#options.journal.failed) {
      throw new DemecError("provider/journal-failed", "This provider can't keep what it signs, and takes no sessions.");
    }
    if (!this.#accepting) throw new DemecError("provider/stops", "This provider stops.");
  }

  #count(answer: string): void {
    this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1);
  }
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
