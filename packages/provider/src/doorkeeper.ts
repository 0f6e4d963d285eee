import { Allowance } from "@demec/network/allowance";
import type { Connection } from "@demec/network/portable";
import type { Hex } from "@demec/protocol";
import { LRUCache } from "lru-cache";

/** What those may cost, all together, who have paid for nothing yet: strangers, without an attached session. */
export interface StrangerPolicy {
  /** Connections without an attached session; one more, and the oldest goes. */
  readonly maxConnections: number;
  /** Of these, from one IP address; all that come through one relay or proxy have its address. */
  readonly maxConnectionsPerHost: number;
  /** How long a connection may go without an attached session; milliseconds. */
  readonly idleMs: number;
  /** New connections a second; and so many at once after a quiet time, such as a restart. */
  readonly connectionsPerSecond: number;
  readonly connectionBurst: number;
  /** Offers and attachments a second; and so many at once. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

type Door = Pick<Connection, "remotePublicKey" | "remoteHost" | "closed" | "close">;

/** Node keys remembered that have attached a session; of others the one unseen for longest is forgotten. */
const MAX_REGULARS = 10_000;

/**
 * Keeps strangers from costing much, and from standing in the way of those who pay: a node key that has attached a
 * session is a regular from then on, and nothing here applies to it.
 */
export class Doorkeeper {
  readonly #policy: StrangerPolicy;
  readonly #now: () => number;
  readonly #connections: Allowance;
  readonly #requests: Allowance;
  readonly #regulars = new LRUCache<Hex, true>({ max: MAX_REGULARS });
  /** Since when, and from where; in this order. */
  readonly #strangers = new Map<Door, { readonly sinceMs: number; readonly host: string | null }>();
  readonly #perHost = new Map<string, number>();
  /** Connections that were turned away before they cost a channel. */
  turnedAway = 0;
  /** Connections that ended because they attached nothing in time, or made room for others. */
  shownOut = 0;

  /** @param now monotonic milliseconds */
  constructor(policy: StrangerPolicy, now: () => number) {
    this.#policy = policy;
    this.#now = now;
    const { connectionsPerSecond, connectionBurst, requestsPerSecond, requestBurst } = policy;
    this.#connections = new Allowance({ burst: connectionBurst, perSecond: connectionsPerSecond, now });
    this.#requests = new Allowance({ burst: requestBurst, perSecond: requestsPerSecond, now });
  }

  get strangers(): number {
    return this.#strangers.size;
  }

  /** Whether whoever proves this node key, from this address, may have a connection. */
  mayConnect(nodeKey: Hex, host: string | null): boolean {
    if (this.#regulars.has(nodeKey)) return true;
    // An address that has its share takes nothing of what is left for the others.
    const hasRoom = host === null || (this.#perHost.get(host) ?? 0) < this.#policy.maxConnectionsPerHost;
    if (hasRoom && this.#connections.take()) return true;
    this.turnedAway++;
    return false;
  }

  /** Whether whoever proved this node key may ask for something that costs work. */
  mayAsk(nodeKey: Hex): boolean {
    return this.#regulars.has(nodeKey) || this.#requests.take();
  }

  /** A connection without an attached session: a new one, or one that has lost its last. */
  strange(connection: Door): void {
    this.#forget(connection);
    const host = connection.remoteHost;
    this.#strangers.set(connection, { sinceMs: this.#now(), host });
    if (host !== null) this.#perHost.set(host, (this.#perHost.get(host) ?? 0) + 1);
    void connection.closed.then(() => this.#forget(connection));
    const [oldest] = this.#strangers.keys();
    if (this.#strangers.size > this.#policy.maxConnections) this.#showOut(oldest!, "Others want the place.");
  }

  /** It has attached a session. */
  welcome(connection: Door): void {
    this.#forget(connection);
    this.#regulars.set(connection.remotePublicKey, true);
  }

  /** Ends what has been strange for too long; call it now and then. */
  sweep(): void {
    const { idleMs } = this.#policy;
    for (const [connection, { sinceMs }] of this.#strangers) {
      if (this.#now() - sinceMs <= idleMs) return;
      this.#showOut(connection, `No session was attached within ${idleMs} ms.`);
    }
  }

  #forget(connection: Door): void {
    const host = this.#strangers.get(connection)?.host;
    this.#strangers.delete(connection);
    if (host === null || host === undefined) return;
    const left = this.#perHost.get(host)! - 1;
    if (left === 0) this.#perHost.delete(host);
    else this.#perHost.set(host, left);
  }

  #showOut(connection: Door, why: string): void {
    this.#forget(connection);
    this.shownOut++;
    void connection.close("provider/no-session", why);
  }
}
