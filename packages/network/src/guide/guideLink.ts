import { DemecError, decodeGuideMessage, encodeGuideMessage, type GuideMessage, type Hex } from "@demec/protocol";
import { Connection } from "../connection.ts";
import type { CloseReason, ConnectionOptions } from "../connectionTypes.ts";
import type { Deadline } from "../deadline.ts";
import { proveKey } from "../greeting.ts";
import { toHex } from "../hex.ts";
import { Mux, rawBytes } from "../mux.ts";
import type { NoiseStream } from "../transport/noiseStream.ts";
import { TUNNEL_PROTOCOL, TunnelChannel } from "./tunnelChannel.ts";
import { TunnelStream } from "./tunnelStream.ts";

/** The channel that whoever wants guidance, or brings a tunnel, opens first. */
export const GUIDE_PROTOCOL = "demec/guide/1";
/** Longest message of the multiplexer: what one turn of the event loop sends through some tunnels. */
const MUX_BATCH_BYTES = 1024 * 1024;

export interface GuideLinkOptions {
  readonly connection: ConnectionOptions;
  readonly deadline: Deadline;
  /** Node key that the other side must have proved; undefined: any. */
  readonly expectedKey?: Hex | undefined;
  /** Gets what comes, from before the greeting on; what it throws ends the link. */
  readonly onMessage: (message: GuideMessage, link: GuideLink) => void;
  /** Decides about a tunnel that the other side asks for. */
  readonly onTunnel: (tunnel: TunnelChannel, target: Hex, link: GuideLink) => void;
}

/**
 * A connection that carries no calls but guidance and tunnels, at either end: beside the channel "demec", whose heartbeats
 * tell that the other side is there, one channel for requests and one for each tunnel.
 */
export class GuideLink {
  /** The other side's node key, proved. */
  readonly peer: Hex;
  /** IP address of the other side, where that is known. */
  readonly host: string | null;
  /** Resolves, never rejects, when the link ends. */
  readonly closed: Promise<CloseReason>;
  readonly #stream: NoiseStream;
  readonly #mux: Mux;
  readonly #message;
  readonly #ended = Promise.withResolvers<CloseReason>();
  #connection: Connection | undefined;

  /**
   * Greets the other side of a Noise stream, whichever of them called.
   * @throws network/unreachable, network/timeout, network/aborted, network/key-mismatch, network/version-mismatch
   */
  static async open(stream: NoiseStream, options: GuideLinkOptions): Promise<GuideLink> {
    const { connection, deadline, expectedKey } = options;
    await proveKey(stream, deadline, expectedKey);
    const link = new GuideLink(stream, options);
    link.#connection = await Connection.open(stream, connection, deadline);
    stream.maxMessageBytes = MUX_BATCH_BYTES;
    link.#ended.resolve(link.#connection.closed);
    return link;
  }

  private constructor(stream: NoiseStream, { onMessage, onTunnel }: GuideLinkOptions) {
    this.peer = toHex(stream.remotePublicKey);
    this.host = stream.remoteHost;
    this.closed = this.#ended.promise;
    this.#stream = stream;
    this.#mux = Mux.of(stream);
    const channel = this.#mux.createChannel({ protocol: GUIDE_PROTOCOL, ondrain() {}, onclose: () => this.#cut() });
    if (channel === null) throw new DemecError("network/unreachable", "The stream was closed before the greeting.");
    this.#message = channel.addMessage({
      encoding: rawBytes,
      autoBatch: false,
      onmessage: (bytes) => onMessage(decodeGuideMessage(bytes), this),
    });
    this.#mux.pair({ protocol: TUNNEL_PROTOCOL }, async (id) => {
      TunnelChannel.from(this.#mux, id, (tunnel, target) => onTunnel(tunnel, target, this));
    });
    // Before the greeting: by the first channel whoever was called knows that these are no calls.
    channel.open();
  }

  get isClosed(): boolean {
    return this.#connection?.isClosed ?? false;
  }

  /** @throws protocol/out-of-range */
  send(message: GuideMessage): void {
    this.#message.send(encodeGuideMessage(message));
  }

  /** A channel that is to lead to a node key. @throws network/closed */
  channel(target: Hex): TunnelChannel {
    return TunnelChannel.to(this.#mux, target);
  }

  /** A stream that is to lead to a node key; the handshake inside it shows whether it does. @throws network/closed */
  tunnel(target: Hex): TunnelStream {
    return new TunnelStream(this.channel(target), this.host);
  }

  /** Says goodbye and ends the link with all its tunnels. */
  async close(code = "network/closed", message = "Closed by this end."): Promise<void> {
    await this.#connection?.close(code, message);
  }

  /** The other side has closed the channel of requests, or the stream has ended. */
  #cut(): void {
    if (this.#connection === undefined) this.#stream.destroy();
    else void this.#connection.close();
  }
}
