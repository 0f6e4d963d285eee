import { getService, getSession, type SessionParams } from "@demec/chain";
import { Node } from "@demec/network";
import type { ExecutionRequest, Hex, NewestStates, Result, SessionMessage } from "@demec/protocol";
import { BuyerSession, defaultPolicy, type Effect } from "@demec/session";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { BuyerPeer } from "../support/buyerPeer.ts";
import type { LocalMarket, TestAccount } from "../support/localMarket.ts";
import { openByHand } from "../support/openByHand.ts";

/** What is said in place of what an honest engine would say. */
export type Lie<T> = (message: SessionMessage, liar: T) => readonly SessionMessage[];

const HANDLE = 1;
const honest = (message: SessionMessage) => [message];

/** A buyer with a session that was paid for, an honest engine, and a tongue of its own. */
export class HostileBuyer {
  readonly sessionId: Hex;
  readonly params: SessionParams;
  readonly engine: BuyerSession;
  lie: Lie<HostileBuyer> = honest;
  /** What its engine hears in place of what the provider said; nothing of what is null. */
  ear: (message: SessionMessage, liar: HostileBuyer) => Promise<SessionMessage | null> | SessionMessage | null = (
    message,
  ) => message;
  /** Hears of each result, before its engine does. */
  onResult: (result: Result) => void = () => {};
  /** All results that came, by call. */
  readonly results = new Map<number, Result>();
  /** Bytes of the input of each call that its engine made. */
  readonly inputBytes = new Map<number, number>();
  /** Calls that ended otherwise, with the code. */
  readonly refusals = new Map<number, string>();
  readonly #options: { readonly market: LocalMarket; readonly nodeKey: Hex; readonly privateKey: Hex };
  #node!: Node;
  #peer!: BuyerPeer;

  /** Opens a session of credits that the account holds, with the provider of a node key, and attaches it. */
  static async open(
    market: LocalMarket,
    account: TestAccount,
    { nodeKey, serviceId, credits }: { nodeKey: Hex; serviceId: bigint; credits: bigint },
  ): Promise<HostileBuyer> {
    const privateKey = generatePrivateKey();
    const sessionKey = privateKeyToAddress(privateKey);
    const { sessionId, params } = await openByHand(market, { nodeKey, buyer: account, serviceId, credits, sessionKey });
    const service = await getService(market.client, market.deployment, serviceId);
    const engine = new BuyerSession({
      terms: {
        ...{ sessionId, credits, sessionKey, operator: params.operator, tariff: service.tariff },
        domain: { chainId: market.deployment.chainId, verifyingContract: market.deployment.escrow },
        ...{ moduleHash: hexToBytes(service.codeHash), maxLatencyMs: service.sla.maxLatencyMs },
      },
      // It trusts without bounds: what it can get is for the provider to bound.
      policy: defaultPolicy(credits, { maxUnsignedCredits: credits, maxInFlight: 100_000 }),
      sessionPrivateKey: privateKey,
    });
    const buyer = new HostileBuyer({ market, nodeKey, privateKey }, sessionId, params, engine);
    await buyer.connect();
    return buyer;
  }

  private constructor(
    options: { market: LocalMarket; nodeKey: Hex; privateKey: Hex },
    sessionId: Hex,
    params: SessionParams,
    engine: BuyerSession,
  ) {
    this.#options = options;
    this.sessionId = sessionId;
    this.params = params;
    this.engine = engine;
  }

  /** @param newest what it shows of its states. @returns the code of the refusal, or null */
  async connect(newest: NewestStates = this.engine.newest()): Promise<string | null> {
    const { market, nodeKey, privateKey } = this.#options;
    this.#node = await Node.create(market.nodeOptions);
    const peer = new BuyerPeer(await this.#node.connect(nodeKey));
    this.#peer = peer;
    const signature = peer.attachment(privateKey, this.engine.terms.domain, this.sessionId);
    const theirs = await peer.attach(HANDLE, this.sessionId, signature, newest);
    if (typeof theirs === "string") return theirs;
    this.#perform(this.engine.attach(theirs, performance.now()));
    void this.#listen(peer);
    return null;
  }

  /** Is gone at once, without goodbye. */
  async vanish(): Promise<void> {
    this.#perform(this.engine.detach());
    this.#peer.connection.stream.destroy();
    await this.#node.close();
  }

  /** @throws what the engine refuses; @returns the call's id */
  invoke(request: ExecutionRequest, deadlineMs = 5_000): number {
    const { callId, effects } = this.engine.invoke(request, deadlineMs, performance.now());
    this.inputBytes.set(callId, request.input.length);
    this.#perform(effects);
    return callId;
  }

  say(message: SessionMessage): void {
    if (!this.#peer.connection.isClosed) this.#peer.say(HANDLE, message);
  }

  async status() {
    const { market } = this.#options;
    return (await getSession(market.client, market.deployment, this.sessionId)).status;
  }

  async #listen(peer: BuyerPeer): Promise<void> {
    try {
      for (;;) {
        const frame = await peer.take((other) => other.type === "session");
        if (frame.type === "session" && peer === this.#peer) await this.#hear(frame.message);
      }
    } catch {
      // The connection has ended.
    }
  }

  async #hear(message: SessionMessage): Promise<void> {
    if (message.type === "result") {
      this.results.set(message.callId, message);
      this.onResult(message);
    }
    if (message.type === "fault") this.refusals.set(message.callId, message.code);
    const heard = await this.ear(message, this);
    if (heard !== null) this.#perform(this.engine.receive(heard, performance.now()));
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects)
      if (effect.type === "send") for (const message of this.lie(effect.message, this)) this.say(message);
  }
}
