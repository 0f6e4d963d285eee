import {
  type DemecError,
  ERROR_TABLE,
  type ErrorCode,
  type Hex,
  isDemecError,
  type SignedState,
  type SigningDomain,
} from "@demec/protocol";
import type { NetworkPort } from "../network.ts";
import { ProviderLink } from "../providerLink.ts";

/** States gather for so long before they are handed over: of a busy session the newest stands for all before it. */
const GATHER_MS = 1_000;
/** Between attempts to reach a tower that is away, or that refuses for now; milliseconds. */
const RETRY_MS = 10_000;
const CONNECT_MS = 5_000;

/** A state that is to be left, and the key that says who leaves it. */
export interface Deposit {
  readonly sessionId: Hex;
  readonly sessionPrivateKey: Hex;
  readonly signed: SignedState;
}

export interface TowerFeedOptions {
  readonly network: Pick<NetworkPort, "connect">;
  /** Node key of the watchtower. */
  readonly nodeKey: Hex;
  readonly domain: SigningDomain;
}

/** Hands the newest state of each session to one watchtower, and again whenever there is a newer one. */
export class TowerFeed {
  readonly nodeKey: Hex;
  readonly #options: TowerFeedOptions;
  /** What the tower has not confirmed, by session. */
  readonly #pending = new Map<Hex, Deposit>();
  /** Sessions of which the tower will never take what it was shown last. */
  readonly #refused = new Set<Hex>();
  #link: ProviderLink | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #sending: Promise<void> | null = null;
  #closed = false;

  constructor(options: TowerFeedOptions) {
    this.#options = options;
    this.nodeKey = options.nodeKey;
  }

  /** Costs next to nothing: it is sent later, in the background. */
  leave(deposit: Deposit): void {
    if (this.#closed) return;
    this.#pending.set(deposit.sessionId, deposit);
    this.#refused.delete(deposit.sessionId);
    this.#schedule(GATHER_MS);
  }

  /** Hands over what is left to hand over, now. @returns sessions whose newest state the tower does not hold */
  async flush(): Promise<readonly Hex[]> {
    await this.#sending;
    await this.#send();
    return [...this.#pending.keys(), ...this.#refused.keys()];
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    void this.#link?.connection.close();
  }

  #schedule(afterMs: number): void {
    if (this.#closed || this.#timer !== null || this.#sending !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#send();
    }, afterMs);
    // A process that is done does not stay for this: whoever wants to be sure hands over before it leaves.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      if (this.#pending.size > 0) this.#schedule(this.#link?.open ? GATHER_MS : RETRY_MS);
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    if (this.#pending.size === 0) return;
    try {
      const link = await this.#connected();
      await Promise.all([...this.#pending.values()].map((deposit) => this.#sendOne(link, deposit)));
    } catch {
      // Away, or overwhelmed: it is tried again.
      void this.#link?.connection.close();
      this.#link = null;
    }
  }

  async #connected(): Promise<ProviderLink> {
    if (this.#link?.open) return this.#link;
    const { network, nodeKey } = this.#options;
    this.#link = new ProviderLink(await network.connect(nodeKey, { timeoutMs: CONNECT_MS }));
    return this.#link;
  }

  async #sendOne(link: ProviderLink, deposit: Deposit): Promise<void> {
    const { sessionId, sessionPrivateKey, signed } = deposit;
    const { domain } = this.#options;
    let refusal: DemecError | null = null;
    try {
      await link.show({ sessionId, sessionPrivateKey, domain, newest: { full: signed, half: null } });
    } catch (error) {
      if (!isFinalRefusal(error)) throw error;
      refusal = error;
    }
    if (this.#pending.get(sessionId) !== deposit) return;
    this.#pending.delete(sessionId);
    // What is settled needs no watching.
    if (refusal !== null && refusal.details.code !== "chain/session-not-open") this.#refused.add(sessionId);
  }
}

/** Whether the tower answered, and no further try would change its mind. */
function isFinalRefusal(error: unknown): error is DemecError {
  if (!isDemecError(error, "sdk/refused")) return false;
  const code = String(error.details.code);
  return !(code in ERROR_TABLE) || !ERROR_TABLE[code as ErrorCode].retryable;
}
