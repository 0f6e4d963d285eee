import {
  advanceSettlement,
  ChainWatch,
  type Deployment,
  getSession,
  listLongSettled,
  type ReadClient,
  type Settlement,
  type WriteClient,
} from "@demec/chain";
import { Allowance } from "@demec/network/allowance";
import {
  type Address,
  type Attach,
  assertSigned,
  DemecError,
  type Hex,
  isDemecError,
  type SignedState,
  type SigningDomain,
} from "@demec/protocol";
import { Turns } from "../turns.ts";
import type { Ward, WardStore } from "./ward.ts";

export interface WatchtowerPolicy {
  /** Buyers whose sessions are watched; null: anybody's. */
  readonly buyers: readonly Address[] | null;
  /** Sessions of one buyer, and of all, that are held at once. */
  readonly maxSessionsPerBuyer: number;
  readonly maxSessions: number;
  /** How often the chain is looked at; milliseconds. A small part of the shortest challenge period (60 s). */
  readonly reviewMs: number;
  /** How long a session is held after its settlement is final; seconds of the chain. */
  readonly keepSettledSeconds: number;
}

export const DEFAULT_WATCHTOWER_POLICY: WatchtowerPolicy = {
  buyers: null,
  maxSessionsPerBuyer: 256,
  maxSessions: 10_000,
  reviewMs: 5_000,
  keepSettledSeconds: 86_400,
};

/** What a watchtower did, or failed to do; for logs. */
export type WatchtowerEvent =
  | { readonly type: "held"; readonly sessionId: Hex; readonly seq: bigint }
  /** It is being closed, and is finished from `deadline` on, unix time. Told again when a newer state put that off. */
  | { readonly type: "closing"; readonly sessionId: Hex; readonly deadline: bigint }
  | { readonly type: "settled"; readonly sessionId: Hex; readonly settlement: Settlement }
  /** It will be tried again. */
  | { readonly type: "trouble"; readonly sessionId: Hex | null; readonly error: unknown };

export interface WatchtowerOptions {
  readonly client: ReadClient;
  /** Pays the gas; its account has no other part in the sessions. */
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  readonly store: WardStore;
  readonly policy: WatchtowerPolicy;
  readonly onEvent: (event: WatchtowerEvent) => void;
}

/** How often every session is looked at, whatever the chain's events told: they may have been missed; milliseconds. */
const SWEEP_MS = 60 * 60_000;
/** Sessions that are not held yet cost a read of the chain each. */
const FIRST_TIMES = { burst: 256, perSecond: 16 };

/**
 * Holds the newest state that buyers left, and brings it to the chain when a session is closed with an older one; brings
 * final states, and finishes what nobody finished. It has no key of theirs: what it brings carries both signatures.
 */
export class Watchtower {
  readonly #options: WatchtowerOptions;
  readonly #domain: SigningDomain;
  readonly #watch: ChainWatch;
  readonly #wards = new Map<Hex, Ward>();
  readonly #perBuyer = new Map<Address, number>();
  /** Sessions whose state on chain may ask for a step. */
  readonly #attention = new Set<Hex>();
  /** What was told of sessions last, so that it is told once. */
  readonly #told = new Map<Hex, bigint | "settled">();
  readonly #turns = new Turns();
  readonly #firstTimes = new Allowance({ ...FIRST_TIMES, now: () => performance.now() });
  #timer: ReturnType<typeof setInterval> | null = null;
  #sweepAtMs = 0;
  #reviewing: Promise<void> | null = null;

  private constructor(options: WatchtowerOptions) {
    const { client, deployment } = options;
    this.#options = options;
    this.#domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
    this.#watch = new ChainWatch(client, deployment);
  }

  /** Takes up what the store holds, and watches. The chain may be away meanwhile. */
  static async start(options: WatchtowerOptions): Promise<Watchtower> {
    const tower = new Watchtower(options);
    for (const ward of await options.store.all()) tower.#hold(ward);
    tower.#timer = setInterval(() => tower.#review(), options.policy.reviewMs);
    tower.#review();
    return tower;
  }

  /** Sessions that are held. */
  get size(): number {
    return this.#wards.size;
  }

  /**
   * Takes what a buyer leaves: the message by which it would attach to its provider, with its newest full state.
   * @returns the newest state that is held, durably, from now on: this one, or a newer one that was left before
   * @throws watchtower/no-state, watchtower/foreign-buyer, watchtower/full, watchtower/too-many-requests,
   * protocol/bad-signature, chain/unknown-session, chain/session-not-open, chain/foreign-state, chain/rpc
   */
  async take({ sessionId, signature, newest }: Attach, handshakeHash: Hex): Promise<SignedState> {
    const signed = newest.full;
    if (signed === null) {
      throw new DemecError("watchtower/no-state", `Session ${sessionId} has no state with both signatures yet.`, {
        details: { sessionId },
      });
    }
    const parties = this.#wards.get(sessionId) ?? (await this.#admit(sessionId));
    assertSigned(parties.sessionKey, this.#domain, "ChannelAttachment", { sessionId, handshakeHash }, signature);
    const { buyer, sessionKey, operator } = parties;
    return this.#turns.run(() => this.#keep({ sessionId, buyer, sessionKey, operator, signed }));
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#reviewing;
  }

  /** Who the parties of a session are that is not held yet. */
  async #admit(sessionId: Hex): Promise<Pick<Ward, "buyer" | "sessionKey" | "operator">> {
    const { client, deployment, policy } = this.#options;
    if (!this.#firstTimes.take()) {
      throw new DemecError("watchtower/too-many-requests", "More new sessions come than are looked up.", {
        details: FIRST_TIMES,
      });
    }
    const { params, status } = await getSession(client, deployment, sessionId);
    if (status === "settled") {
      throw new DemecError("chain/session-not-open", `Session ${sessionId} is settled.`, { details: { sessionId } });
    }
    if (policy.buyers !== null && !policy.buyers.some((buyer) => same(buyer, params.buyer))) {
      throw new DemecError("watchtower/foreign-buyer", `Sessions of ${params.buyer} are not watched here.`, {
        details: { buyer: params.buyer },
      });
    }
    return params;
  }

  /** Checks a state and makes it the one that is held; what is held is durable. @returns what is held then */
  async #keep(ward: Ward): Promise<SignedState> {
    const { sessionId, signed, operator, sessionKey } = ward;
    const { state, operatorSig, sessionKeySig } = signed;
    const held = this.#wards.get(sessionId);
    if (held !== undefined && held.signed.state.seq >= state.seq) return held.signed;
    if (!same(state.sessionId, sessionId)) {
      throw new DemecError("chain/foreign-state", `The state is of session ${state.sessionId}, not ${sessionId}.`, {
        details: { sessionId, stateOf: state.sessionId },
      });
    }
    assertSigned(operator, this.#domain, "SessionState", state, operatorSig ?? "0x");
    assertSigned(sessionKey, this.#domain, "SessionState", state, sessionKeySig ?? "0x");
    if (held === undefined) this.#assertRoom(ward.buyer);
    await this.#options.store.put(ward);
    this.#hold(ward);
    this.#options.onEvent({ type: "held", sessionId, seq: state.seq });
    return signed;
  }

  #assertRoom(buyer: Address): void {
    const { maxSessions, maxSessionsPerBuyer } = this.#options.policy;
    const ofBuyer = this.#perBuyer.get(keyOf(buyer)) ?? 0;
    if (this.#wards.size < maxSessions && ofBuyer < maxSessionsPerBuyer) return;
    throw new DemecError(
      "watchtower/full",
      `${ofBuyer} of ${maxSessionsPerBuyer} sessions of ${buyer} are held, ${this.#wards.size} of ${maxSessions} in all.`,
      { details: { buyer, ofBuyer, maxSessionsPerBuyer, held: this.#wards.size, maxSessions } },
    );
  }

  #hold(ward: Ward): void {
    const buyer = keyOf(ward.buyer);
    if (!this.#wards.has(ward.sessionId)) this.#perBuyer.set(buyer, (this.#perBuyer.get(buyer) ?? 0) + 1);
    this.#wards.set(ward.sessionId, ward);
    this.#attention.add(ward.sessionId);
  }

  async #letGo({ sessionId, buyer }: Ward): Promise<void> {
    await this.#options.store.delete(sessionId);
    this.#wards.delete(sessionId);
    this.#told.delete(sessionId);
    const left = this.#perBuyer.get(keyOf(buyer))! - 1;
    if (left === 0) this.#perBuyer.delete(keyOf(buyer));
    else this.#perBuyer.set(keyOf(buyer), left);
  }

  #review(): void {
    this.#reviewing ??= this.#look().finally(() => {
      this.#reviewing = null;
    });
  }

  async #look(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs >= this.#sweepAtMs) {
      this.#sweepAtMs = nowMs + SWEEP_MS;
      for (const sessionId of this.#wards.keys()) this.#attention.add(sessionId);
    }
    try {
      await this.#watch.poll(async ({ type, sessionId }) => {
        if (type !== "opened" && this.#wards.has(sessionId)) this.#attention.add(sessionId);
      });
    } catch (error) {
      this.#options.onEvent({ type: "trouble", sessionId: null, error });
      return;
    }
    for (const sessionId of [...this.#attention]) {
      if (this.#timer === null) return;
      await this.#step(sessionId);
    }
  }

  /** One step for one session; what fails is tried again at the next review. */
  async #step(sessionId: Hex): Promise<void> {
    const { client, wallet, deployment, policy, onEvent } = this.#options;
    const ward = this.#wards.get(sessionId);
    if (ward === undefined) {
      this.#attention.delete(sessionId);
      return;
    }
    const { signed } = ward;
    try {
      const progress = await advanceSettlement(client, wallet, deployment, { sessionId, newest: signed, end: false });
      const isNews = (news: bigint | "settled") => {
        if (this.#told.get(sessionId) === news) return false;
        this.#told.set(sessionId, news);
        return true;
      };
      if (progress.type === "closing") {
        const { deadline } = progress;
        if (isNews(deadline)) onEvent({ type: "closing", sessionId, deadline });
        return;
      }
      // What came meanwhile may ask for another step.
      if (this.#wards.get(sessionId) === ward) this.#attention.delete(sessionId);
      if (progress.type === "open") return;
      const { settlement } = progress;
      if (isNews("settled")) onEvent({ type: "settled", sessionId, settlement });
      const long = { sessionIds: [sessionId], seconds: policy.keepSettledSeconds };
      if ((await listLongSettled(client, deployment, long)).length > 0) await this.#letGo(ward);
    } catch (error) {
      // A reorganisation that took the session back may bring it again: it is held until then, and looked at by the sweep.
      if (isDemecError(error, "chain/unknown-session")) this.#attention.delete(sessionId);
      onEvent({ type: "trouble", sessionId, error });
    }
  }
}

const keyOf = (address: Address) => address.toLowerCase() as Address;
const same = (left: Hex, right: Hex) => left.toLowerCase() === right.toLowerCase();
