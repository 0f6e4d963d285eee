import { DemecError, type Hex } from "@demec/protocol";
import type HyperDHT from "hyperdht";
import type { Deadline } from "../deadline.ts";
import type { GuideLink } from "../guide/guideLink.ts";
import { fromHex, toHex } from "../hex.ts";
import type { ConnectOptions } from "../networkTypes.ts";
import { type Closable, firstOf, race } from "../race.ts";
import { viaAddresses } from "../records/addresses.ts";
import type { NodeRecords } from "../records/nodeRecords.ts";
import { NoiseStream } from "../transport/noiseStream.ts";
import { dialTcp } from "../transport/tcp.ts";
import { udxStream } from "./entrance.ts";
import { isReserved, tcpAddresses } from "./ipAddresses.ts";
import { punchThrough } from "./punching.ts";

/** How much sooner TCP is tried than a guide; the time to learn the address is in it. */
const TCP_HEAD_START_MS = 250;
/** How much sooner a guide is tried, where the record names one, than UDX: such a node has no other way. */
const GUIDE_HEAD_START_MS = 1_000;
/** How much sooner a direct way is tried than a relay. */
const PUNCH_HEAD_START_MS = 1_000;
/** How much sooner one address is tried than the next. */
const NEXT_ADDRESS_MS = 100;
/** Guides and relays tried for one connection, and how much sooner one is tried than the next. */
const MAX_BETWEEN = 3;
const NEXT_BETWEEN_MS = 1_500;

/** What becomes of a stream whose handshake has proved the key that was asked for. */
export type Greet<T> = (stream: NoiseStream, deadline: Deadline, expectedKey: Hex) => Promise<T>;

export interface DiallerOptions {
  readonly dht: HyperDHT;
  readonly records: NodeRecords;
  /** Whether addresses of private networks, and this machine's, are called. */
  readonly mayBeReserved: boolean;
  /** A link to a guide, for one tunnel. */
  readonly linkTo: (guide: Hex, deadline: Deadline) => Promise<GuideLink>;
}

interface Target extends ConnectOptions {
  readonly key: Uint8Array;
  readonly publicKey: Hex;
}

/** Finds a way to the holder of a node key: the first of several that are tried, one a head start after the other. */
export class Dialler {
  readonly #options: DiallerOptions;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  /**
   * @param hasGuides whether guides that the record names may lead there
   * @throws network/unreachable when it can't be found or reached
   * @throws network/timeout, network/aborted, network/key-mismatch; what `greet` throws
   */
  reach<T extends Closable>(publicKey: Hex, options: ConnectOptions, hasGuides: boolean, greet: Greet<T>): Promise<T> {
    const key = fromHex(publicKey);
    const to: Target = { ...options, publicKey: toHex(key), key };
    const { timeoutMs = 10_000, relays } = options;
    const deadline = (signal: AbortSignal): Deadline => ({
      timeoutMs,
      signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
    });
    const ways: [way: (signal: AbortSignal) => Promise<T>, headStartMs: number][] = [
      [(signal) => this.#byTcp(to, deadline(signal), greet), TCP_HEAD_START_MS],
    ];
    if (hasGuides) ways.push([(signal) => this.#byGuide(to, deadline(signal), greet), GUIDE_HEAD_START_MS]);
    ways.push([
      (signal) => {
        const until = deadline(signal);
        return punchThrough(() => this.#byUdx(to, until, greet), until);
      },
      PUNCH_HEAD_START_MS,
    ]);
    if (relays !== undefined) ways.push([(signal) => this.#byRelay(to, relays, deadline(signal), greet), 0]);
    return race(
      ways.map(([way]) => way),
      ways.map(([, headStartMs]) => headStartMs),
      (late) => void late.close(),
    );
  }

  async #byTcp<T extends Closable>(to: Target, { timeoutMs, signal }: Deadline, greet: Greet<T>): Promise<T> {
    const addresses = tcpAddresses(await this.#addressesOf(to)).filter(
      ({ host }) => this.#options.mayBeReserved || !isReserved(host),
    );
    if (addresses.length === 0 || signal?.aborted) {
      throw new DemecError("network/unreachable", `${to.publicKey} publishes no TCP address.`);
    }
    try {
      return await firstOf(addresses, NEXT_ADDRESS_MS, { timeoutMs, signal }, ({ host, port }, until) =>
        greet(dialTcp(host, port, this.#options.dht.defaultKeyPair), until, to.publicKey),
      );
    } catch (error) {
      this.#options.records.forget(to.publicKey);
      throw error;
    }
  }

  /** Through a tunnel of one of the guides that its record names. */
  async #byGuide<T extends Closable>(to: Target, deadline: Deadline, greet: Greet<T>): Promise<T> {
    const guides = viaAddresses(await this.#addressesOf(to)).slice(0, MAX_BETWEEN);
    if (guides.length === 0 || deadline.signal?.aborted) {
      throw new DemecError("network/unreachable", `${to.publicKey} names no guide.`);
    }
    return firstOf(guides, NEXT_BETWEEN_MS, deadline, async (guide, until) => {
      const link = await this.#options.linkTo(guide, until);
      const { defaultKeyPair: keyPair } = this.#options.dht;
      const stream = new NoiseStream("tunnel", true, link.tunnel(to.publicKey), { keyPair });
      stream.relay = guide;
      stream.on("error", () => {});
      stream.on("close", () => void link.close());
      return greet(stream, until, to.publicKey);
    });
  }

  async #byRelay<T extends Closable>(
    to: Target,
    relays: () => Promise<readonly Hex[]>,
    deadline: Deadline,
    greet: Greet<T>,
  ): Promise<T> {
    const own = new Set([toHex(this.#options.dht.defaultKeyPair.publicKey), to.publicKey]);
    const usable = (await relays()).filter((relay) => !own.has(relay)).slice(0, MAX_BETWEEN);
    if (usable.length === 0 || deadline.signal?.aborted) {
      throw new DemecError("network/unreachable", `No hole leads to ${to.publicKey}, and no relay is known.`);
    }
    return firstOf(usable, NEXT_BETWEEN_MS, deadline, (relay, until) => this.#byUdx(to, until, greet, relay));
  }

  /** @param relay is used, and no hole punched: the two ends could otherwise settle on different ways */
  #byUdx<T>({ key, publicKey, relayAddresses }: Target, deadline: Deadline, greet: Greet<T>, relay?: Hex): Promise<T> {
    const through = { holepunch: () => false, localConnection: false };
    const stream = this.#options.dht.connect(key, {
      createSecretStream: udxStream,
      ...(relayAddresses === undefined ? {} : { relayAddresses: [...relayAddresses] }),
      ...(relay === undefined ? {} : { relayThrough: fromHex(relay), ...through }),
    }) as NoiseStream;
    stream.relay = relay ?? null;
    return greet(stream, deadline, publicKey);
  }

  async #addressesOf({ publicKey, addresses }: Target): Promise<readonly string[]> {
    return addresses ?? (await this.#options.records.addresses(publicKey));
  }
}
