import { getService, getSession } from "@demec/chain";
import { Node } from "@demec/network";
import { type Connection, providerTopics, serviceTopic } from "@demec/network/portable";
import { type Address, type Hex, type Offer, type SessionMessage, signMessageOf } from "@demec/protocol";
import { setUpProvider } from "@demec/provider";
import { defaultPolicy, type Effect, ProviderSession } from "@demec/session";
import { hexToBigInt, hexToBytes } from "viem";
import { generatePrivateKey } from "viem/accounts";
import { CREDIT, type LocalMarket, type TestAccount } from "../support/localMarket.ts";
import type { Lie } from "./hostileBuyer.ts";

const honest = (message: SessionMessage) => [message];

/** One session of a hostile provider, on the connection where it is attached now. */
export interface HostileSession {
  readonly engine: ProviderSession;
  readonly operatorPrivateKey: Hex;
  connection: Connection;
  handle: number;
}

/** A staked provider with honest engines, no executor, and a tongue of its own: it makes up what functions give. */
export class HostileProvider {
  readonly owner: Address;
  readonly nodeKey: Hex;
  lie: Lie<HostileSession> = honest;
  /** Calls that came. */
  calls = 0;
  readonly #market: LocalMarket;
  readonly #node: Node;
  readonly #operator: TestAccount;
  readonly #sessions = new Map<Hex, HostileSession>();
  readonly #timer: ReturnType<typeof setInterval>;

  static async start(market: LocalMarket, serviceName: string, region: string): Promise<HostileProvider> {
    const owner = await market.account({ demec: 5_000n * CREDIT });
    const operator = await market.account();
    const node = await Node.create(market.nodeOptions);
    await setUpProvider({
      ...{ client: market.client, deployment: market.deployment, ownerWallet: market.wallet(owner) },
      ...{
        operatorPrivateKey: operator.privateKey,
        nodeKey: node.publicKey,
        regions: [region],
        stake: 5_000n * CREDIT,
      },
      serviceIds: [BigInt(serviceName.split("/").at(-1)!)],
    });
    const provider = new HostileProvider(market, node, owner.address, operator);
    await node.listen({ onConnection: (connection) => provider.#serve(connection) });
    for (const topic of [serviceTopic(serviceName), ...providerTopics(serviceName, region)]) await node.announce(topic);
    return provider;
  }

  private constructor(market: LocalMarket, node: Node, owner: Address, operator: TestAccount) {
    this.#market = market;
    this.#node = node;
    this.owner = owner;
    this.nodeKey = node.publicKey;
    this.#operator = operator;
    this.#timer = setInterval(() => {
      for (const session of this.#sessions.values()) this.#perform(session, session.engine.tick(performance.now()));
    }, 25);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#node.close();
  }

  #serve(connection: Connection): void {
    connection.onMessage((frame) => {
      if (frame.type === "offerRequest") void this.#offer(connection, frame);
      if (frame.type === "attach") void this.#attach(connection, frame);
      if (frame.type !== "session") return;
      for (const session of this.#sessions.values()) {
        if (session.connection !== connection || session.handle !== frame.handle) continue;
        if (frame.message.type === "invoke") this.calls++;
        this.#perform(session, session.engine.receive(frame.message, performance.now()));
      }
    });
  }

  async #offer(
    connection: Connection,
    request: { requestId: number; serviceId: bigint; buyer: Address; credits: bigint },
  ): Promise<void> {
    const { requestId, serviceId, buyer, credits } = request;
    const { timestamp } = await this.#market.client.getBlock();
    const offer: Offer = {
      ...{ serviceId, buyer, provider: this.owner, minCredits: 1n, maxCredits: credits, minValuePerCredit: 0n },
      ...{ bondPerCredit: CREDIT, demandMaxInputBytes: 0, demandWindow: 0, demandDeposit: 0n },
      ...{ expiry: timestamp + 600n, nonce: hexToBigInt(generatePrivateKey()) },
    };
    const operatorSig = signMessageOf(this.#operator.privateKey, this.#domain, "Offer", offer);
    connection.send({ type: "offerReply", requestId, offer, operatorSig });
  }

  async #attach(
    connection: Connection,
    frame: { handle: number; sessionId: Hex; newest: Parameters<ProviderSession["attach"]>[0] },
  ): Promise<void> {
    const { handle, sessionId, newest } = frame;
    let session = this.#sessions.get(sessionId);
    if (session === undefined) {
      const { client, deployment } = this.#market;
      const { params } = await getSession(client, deployment, sessionId);
      const { codeHash, tariff, sla } = await getService(client, deployment, params.serviceId);
      const { operator, sessionKey, credits } = params;
      const terms = { sessionId, domain: this.#domain, operator, sessionKey, credits, tariff };
      const engine = new ProviderSession({
        terms: { ...terms, moduleHash: hexToBytes(codeHash), maxLatencyMs: sla.maxLatencyMs },
        policy: defaultPolicy(credits),
        operatorPrivateKey: this.#operator.privateKey,
      });
      session = { engine, operatorPrivateKey: this.#operator.privateKey, connection, handle };
      this.#sessions.set(sessionId, session);
    }
    Object.assign(session, { connection, handle });
    connection.send({ type: "attached", handle, newest: session.engine.newest() });
    this.#perform(session, session.engine.attach(newest, performance.now()));
  }

  get #domain() {
    return { chainId: this.#market.deployment.chainId, verifyingContract: this.#market.deployment.escrow };
  }

  #perform(session: HostileSession, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === "send") {
        for (const message of this.lie(effect.message, session)) {
          if (!session.connection.isClosed)
            session.connection.send({ type: "session", handle: session.handle, message });
        }
      } else if (effect.type === "execute") {
        const output = new TextEncoder().encode(new TextDecoder().decode(effect.request.input).toUpperCase());
        const outcome = {
          status: 0,
          exitCode: 0,
          output,
          stderr: new Uint8Array(0),
          bitOps: 70_000n,
          floatOps: 0n,
        } as const;
        const executed = session.engine.executed(effect.callId, { outcome, durationMs: 0 }, performance.now());
        this.#perform(session, executed);
      }
    }
  }
}
