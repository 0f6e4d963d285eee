import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Part } from "./peer.ts";
import { makeSites, NATS, type Nat, type Sites } from "./sites.ts";

export interface Cell {
  readonly provider: Nat;
  readonly buyer: Nat;
  /** Whether the buyer knew a relay. */
  readonly withRelay: boolean;
}

export interface Outcome extends Cell {
  readonly reached: boolean;
  /** Whether the bytes still went through the relay when the call was echoed. */
  readonly relayed: boolean;
  readonly connectMs: number;
  readonly code?: string;
  readonly reason?: string;
}

/** For finding, punching and greeting. Through one randomising NAT a hole is a matter of chance and of seconds. */
const TIMEOUT_MS = 40_000;
/** Through two there is none, and waiting changes nothing. */
const HOPELESS_TIMEOUT_MS = 10_000;

export const CELLS: readonly Cell[] = [false, true].flatMap((withRelay) =>
  NATS.flatMap((provider) => NATS.map((buyer) => ({ provider, buyer, withRelay }))),
);

/** One process inside a namespace, and what it says. */
class Peer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(namespace: string, task: Part) {
    const program = new URL("peer.ts", import.meta.url).pathname;
    this.#child = spawn("ip", ["netns", "exec", namespace, process.execPath, program, JSON.stringify(task)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  ask<T>(): Promise<T> {
    this.#child.stdin!.write("\n");
    return this.next<T>();
  }

  async next<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("A process of the matrix ended early.");
    return JSON.parse(value) as T;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }
}

/** A matrix that is laid out: sites, a DHT and a relay. */
export class Matrix {
  readonly #sites: Sites;
  readonly #dht: Peer;
  readonly #relay: `0x${string}`;

  static async create(): Promise<Matrix> {
    const sites = makeSites();
    const dht = new Peer(sites.internet, { part: "dht" });
    try {
      const { relay } = await dht.next<{ relay: `0x${string}` }>();
      return new Matrix(sites, dht, relay);
    } catch (error) {
      await dht.stop();
      sites.close();
      throw error;
    }
  }

  private constructor(sites: Sites, dht: Peer, relay: `0x${string}`) {
    this.#sites = sites;
    this.#dht = dht;
    this.#relay = relay;
  }

  /**
   * Fresh nodes on both ends: hyperdht lets a node punch through a randomising NAT only every 20 s.
   * @param goneRelays node keys of relays that are not there, which the buyer knows before the one that is
   */
  async run(cell: Cell, goneRelays: readonly `0x${string}`[] = []): Promise<Outcome> {
    const relays = cell.withRelay ? [...goneRelays, this.#relay] : undefined;
    const provider = new Peer(this.#sites.host("provider", cell.provider), { part: "provider" });
    try {
      const { provider: key } = await provider.next<{ provider: `0x${string}` }>();
      const buyer = new Peer(this.#sites.host("buyer", cell.buyer), {
        part: "buyer",
        provider: key,
        relays,
        timeoutMs: cell.provider === "symmetric" && cell.buyer === "symmetric" ? HOPELESS_TIMEOUT_MS : TIMEOUT_MS,
      });
      try {
        return { ...cell, ...(await buyer.next<Omit<Outcome, keyof Cell>>()) };
      } finally {
        await buyer.stop();
      }
    } finally {
      await provider.stop();
    }
  }

  /** Namespace of a host, for processes of other kinds. */
  namespaceOf(role: "provider" | "buyer", nat: Nat): string {
    return this.#sites.host(role, nat);
  }

  /** Namespace where the DHT is. */
  get internet(): string {
    return this.#sites.internet;
  }

  /** Bytes that the relay has counted, of all peers. */
  async relayedBytes(): Promise<number> {
    return (await this.#dht.ask<{ relayedBytes: number }>()).relayedBytes;
  }

  async close(): Promise<void> {
    await this.#dht.stop();
    this.#sites.close();
  }
}
