import type { GuideMessage, Hex } from "@demec/protocol";
import { Allowance } from "../allowance.ts";
import { HourlyBytes } from "../hourlyBytes.ts";
import type { Directory } from "./directory.ts";
import { GuideDesk } from "./guideDesk.ts";
import type { GuideLink, GuideLinkHandler } from "./guideLink.ts";
import { Splice } from "./splice.ts";
import type { TunnelChannel } from "./tunnelChannel.ts";

export interface GuidePolicy {
  /** Peers that are guided at once. Default 256. */
  readonly maxGuests?: number | undefined;
  /** Tunnels that lead through at once. Default 256. */
  readonly maxTunnels?: number | undefined;
  /** Bytes in both directions of one peer's tunnels in an hour; then they are cut until it is over. Default 1 GiB. */
  readonly maxBytesPerPeerPerHour?: number | undefined;
}

export interface GuideStatus {
  readonly guests: number;
  readonly tunnels: number;
  /** Bytes in both directions of each peer's tunnels in this hour. */
  readonly bytesByPeer: ReadonlyMap<Hex, number>;
}

interface DialledLink {
  readonly link: Promise<GuideLink>;
  tunnels: number;
}

export interface GuideServiceOptions {
  readonly publicKey: Hex;
  /** Null: guides nobody, and takes only tunnels that lead to itself. */
  readonly policy: GuidePolicy | null;
  readonly directory: Directory;
  /** A link to the holder of a node key, found through the DHT. */
  readonly dial: (target: Hex) => Promise<GuideLink>;
  /** Takes a tunnel that leads here. */
  readonly take: (tunnel: TunnelChannel, link: GuideLink) => void;
}

const DEFAULTS = { maxGuests: 256, maxTunnels: 256, maxBytesPerPeerPerHour: 2 ** 30 };
/** What all guests together may ask of the DHT; see the desk's costs. */
const ASKED = { burst: 4_000, perSecond: 200 };
/** Node keys that are called for guests, who pay nothing for it. */
const DIALLED = { burst: 64, perSecond: 8 };

/** Guides peers that have no place in the DHT themselves, such as pages: answers for it, and carries their ciphertext. */
export class GuideService implements GuideLinkHandler {
  readonly #options: GuideServiceOptions;
  readonly #policy: Required<{ [K in keyof GuidePolicy]: number }>;
  readonly #bytes: HourlyBytes;
  readonly #asked = new Allowance({ ...ASKED, now: () => performance.now() });
  readonly #dialled = new Allowance({ ...DIALLED, now: () => performance.now() });
  readonly #desks = new Map<GuideLink, GuideDesk>();
  /** Guests that tunnels may lead to, by their node keys. */
  readonly #listening = new Map<Hex, GuideLink>();
  /** Links that were made for tunnels, and how many lead through each. */
  readonly #dialledLinks = new Map<Hex, DialledLink>();
  readonly #splices = new Set<Splice>();

  constructor(options: GuideServiceOptions) {
    this.#options = options;
    const { maxGuests, maxTunnels, maxBytesPerPeerPerHour } = options.policy ?? {};
    this.#policy = {
      maxGuests: maxGuests ?? DEFAULTS.maxGuests,
      maxTunnels: maxTunnels ?? DEFAULTS.maxTunnels,
      maxBytesPerPeerPerHour: maxBytesPerPeerPerHour ?? DEFAULTS.maxBytesPerPeerPerHour,
    };
    this.#bytes = new HourlyBytes(this.#policy.maxBytesPerPeerPerHour);
  }

  get status(): GuideStatus {
    return { guests: this.#desks.size, tunnels: this.#splices.size, bytesByPeer: this.#bytes.byPeer };
  }

  /** Requests of a guest: the first makes a peer one, if there is room. */
  onMessage(message: GuideMessage, link: GuideLink): void {
    let desk = this.#desks.get(link);
    if (desk === undefined) {
      if (this.#options.policy === null || this.#desks.size >= this.#policy.maxGuests) {
        if ("id" in message) link.send({ type: "failed", id: message.id, code: "network/guide-refused" });
        return;
      }
      desk = new GuideDesk(link, {
        directory: this.#options.directory,
        mayAsk: (cost) => this.#asked.take(cost),
        onListen: () => this.#listening.set(link.peer, link),
      });
      this.#desks.set(link, desk);
      void link.closed.then(() => {
        this.#desks.delete(link);
        if (this.#listening.get(link.peer) === link) this.#listening.delete(link.peer);
      });
    }
    desk.receive(message);
  }

  onTunnel(tunnel: TunnelChannel, target: Hex, link: GuideLink): void {
    const { publicKey, policy, take } = this.#options;
    if (target === publicKey) {
      take(tunnel, link);
      return;
    }
    const isFull = this.#splices.size >= this.#policy.maxTunnels || this.#bytes.isSpent(link.peer);
    const guest = this.#listening.get(target);
    if (policy === null || isFull || (guest === undefined && !this.#dialled.take())) {
      tunnel.close("network/guide-refused");
      return;
    }
    const dialled = guest === undefined ? this.#dial(target) : null;
    const splice: Splice = new Splice(tunnel, {
      mayPass: (bytes) => {
        this.#bytes.count(link.peer, bytes);
        return !this.#bytes.isSpent(link.peer);
      },
      onEnded: () => {
        this.#splices.delete(splice);
        if (dialled !== null) this.#leave(target, dialled);
      },
    });
    this.#splices.add(splice);
    // What the far end has to say comes by the link; that it is gone, by the channel.
    const far = dialled?.link ?? Promise.resolve(guest!);
    far.then((to) => splice.join(to.channel(target))).catch(() => splice.end("network/unreachable"));
  }

  async close(): Promise<void> {
    const made = [...this.#dialledLinks.values()].map(({ link }) =>
      link.then(
        (made) => made.close(),
        () => {},
      ),
    );
    await Promise.all([...[...this.#desks.keys()].map((link) => link.close()), ...made]);
  }

  /** One more tunnel leads to this node key. */
  #dial(target: Hex): DialledLink {
    let dialled = this.#dialledLinks.get(target);
    if (dialled === undefined) {
      const made = { link: this.#options.dial(target), tunnels: 0 };
      this.#dialledLinks.set(target, made);
      const forget = () => this.#forget(target, made);
      made.link.then((link) => link.closed.then(forget), forget);
      dialled = made;
    }
    dialled.tunnels++;
    return dialled;
  }

  #forget(target: Hex, dialled: DialledLink): void {
    if (this.#dialledLinks.get(target) === dialled) this.#dialledLinks.delete(target);
  }

  /** One tunnel less leads there; by now there may be another link to the same node. */
  #leave(target: Hex, dialled: DialledLink): void {
    if (--dialled.tunnels > 0) return;
    this.#forget(target, dialled);
    dialled.link.then(
      (link) => void link.close(),
      () => {},
    );
  }
}
