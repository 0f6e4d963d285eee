import { DemecError, type Hex, isDemecError } from "@demec/protocol";
import { Connection } from "../connection.ts";
import type { ConnectionOptions } from "../connectionTypes.ts";
import type { Deadline } from "../deadline.ts";
import { GuideClient } from "../guide/guideClient.ts";
import { GuideLink } from "../guide/guideLink.ts";
import type { KeyPair } from "../guide/signables.ts";
import type { TunnelChannel } from "../guide/tunnelChannel.ts";
import type { Guide } from "../networkTypes.ts";
import { race } from "../race.ts";
import type { NoiseStream } from "../transport/noiseStream.ts";
import { dialWebSocket } from "../transport/webSocketClient.ts";
import { Backoff } from "./backoff.ts";

/** A guide that is there. */
export interface Guided {
  readonly link: GuideLink;
  readonly client: GuideClient;
}

export interface GuidesOptions {
  readonly guides: readonly Guide[];
  readonly keyPair: KeyPair;
  readonly connection: ConnectionOptions;
  /** Decides about tunnels that lead here. */
  readonly onTunnel: (tunnel: TunnelChannel, target: Hex, link: GuideLink) => void;
}

const CONNECT: Deadline = { timeoutMs: 10_000 };
/** How much sooner one guide is tried than the next. */
const NEXT_GUIDE_MS = 500;
/** What another guide may do better. */
const TRY_ANOTHER = new Set([
  "network/bad-record",
  "network/closed",
  "network/guide-refused",
  "network/key-mismatch",
  "network/timeout",
  "network/unreachable",
]);

/** The guides of a page: connected to when they are needed, and again when they are lost. */
export class Guides {
  readonly #options: GuidesOptions;
  readonly #open = new Map<Guide, Promise<Guided>>();
  readonly #holding: Backoff[] = [];
  #isClosed = false;

  constructor(options: GuidesOptions) {
    this.#options = options;
  }

  /**
   * Has a guide do something, and another where it fails.
   * @throws network/no-guide when none can be reached; what the last of them failed with; network/aborted
   */
  async ask<T>(what: (guided: Guided) => Promise<T>): Promise<T> {
    const failed = new Set<Guide>();
    let failure: unknown;
    for (let attempt = 0; attempt < this.#options.guides.length; attempt++) {
      const [guide, guided] = await this.#any(failed).catch((cause): never => {
        if (failure !== undefined) throw failure;
        throw new DemecError("network/no-guide", `None of ${this.#options.guides.length} guides can be reached.`, {
          cause,
        });
      });
      try {
        return await what(guided);
      } catch (error) {
        if (!isDemecError(error) || !TRY_ANOTHER.has(error.code)) throw error;
        failure = error;
        failed.add(guide);
      }
    }
    throw failure;
  }

  /** The guide with this node key; null where it is none of these. @throws network/… when it can't be reached */
  async byKey(publicKey: Hex): Promise<Guided | null> {
    const guide = this.#options.guides.find((one) => one.publicKey === publicKey);
    return guide === undefined ? null : this.#connect(guide);
  }

  /**
   * Stays connected to the first few, so that others can come through them.
   * @param onConnected is called for each of them, again after each time that one was lost
   */
  hold(count: number, onConnected: (guided: Guided) => Promise<void>): void {
    for (const guide of this.#options.guides.slice(0, count)) {
      this.#holding.push(
        new Backoff(async () => {
          const guided = await this.#connect(guide);
          await onConnected(guided);
          return guided.link.closed;
        }),
      );
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const backoff of this.#holding) backoff.stop();
    await Promise.allSettled([...this.#open.values()].map(async (opening) => (await opening).link.close()));
  }

  /** One that is connected, or the first that can be. */
  async #any(without: ReadonlySet<Guide>): Promise<[Guide, Guided]> {
    const guides = this.#options.guides.filter((guide) => !without.has(guide));
    // Those that are connected, or about to be, first.
    guides.sort((a, b) => Number(this.#open.has(b)) - Number(this.#open.has(a)));
    return race(
      guides.map((guide) => async () => [guide, await this.#connect(guide)] as [Guide, Guided]),
      [NEXT_GUIDE_MS],
      () => {},
    );
  }

  #connect(guide: Guide): Promise<Guided> {
    let opening = this.#open.get(guide);
    if (opening === undefined) {
      opening = this.#dial(guide);
      this.#open.set(guide, opening);
      const forget = () => {
        if (this.#open.get(guide) === opening) this.#open.delete(guide);
      };
      opening.then(({ link }) => link.closed.then(forget), forget);
    }
    return opening;
  }

  async #dial({ url, publicKey }: Guide): Promise<Guided> {
    if (this.#isClosed) throw new DemecError("network/closed", "This node is closed.");
    const { keyPair, connection, onTunnel } = this.#options;
    let client: GuideClient | undefined;
    const link = await GuideLink.open(
      dialWebSocket(url, keyPair),
      { onMessage: (message) => client?.receive(message), onTunnel },
      {
        greet: (stream: NoiseStream) => Connection.open(stream, connection, CONNECT),
        deadline: CONNECT,
        expectedKey: publicKey,
      },
    );
    client = new GuideClient(link, keyPair);
    if (this.#isClosed) await link.close();
    return { link, client };
  }
}
