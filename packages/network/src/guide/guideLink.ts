import { DemecError, decodeGuideMessage, encodeGuideMessage, type GuideMessage, type Hex } from "@demec/protocol";
import type { Connection } from "../connection.ts";
import type { CloseReason } from "../connectionTypes.ts";
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

/** What one end does with what comes through a link; what it throws ends the link. */
export interface GuideLinkHandler {
  onMessage(message: GuideMessage, link: GuideLink): void;
  /** Decides about a tunnel that the other side asks for. */
  onTunnel(tunnel: TunnelChannel, target: Hex, link: GuideLink): void;
}

/** How one end greets the other, such as `Connection.open`. */
type Greet<C extends Connection | null> = (stream: NoiseStream) => Promise<C>;

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
   * Opens a link over a stream that this end has called.
   * @param expectedKey node key that the other side must have proved
   * @throws network/unreachable, network/key-mismatch, network/timeout, network/aborted; what `greet` throws
   */
  static async open(
    stream: NoiseStream,
    handler: GuideLinkHandler,
    { greet, deadline, expectedKey }: { greet: Greet<Connection>; deadline: Deadline; expectedKey: Hex },
  ): Promise<GuideLink> {
    await proveKey(stream, deadline, expectedKey);
    const link = new GuideLink(stream, handler);
    link.#begin(await greet(stream));
    return link;
  }

  /**
   * Greets whoever has called, and finds out by the channel that it opens first whether it wants a link.
   * @returns the connection, where it wants none
   * @throws what `greet` throws
   */
  static async accept(
    stream: NoiseStream,
    handler: GuideLinkHandler,
    greet: Greet<Connection | null>,
  ): Promise<GuideLink | Connection | null> {
    const mux = Mux.of(stream);
    let link: GuideLink | undefined;
    mux.pair({ protocol: GUIDE_PROTOCOL }, async () => {
      mux.unpair({ protocol: GUIDE_PROTOCOL });
      link = new GuideLink(stream, handler);
    });
    // Its channel is made a few promises later, before the next turn of the event loop; then the multiplexer looks for it.
    mux.pair({ protocol: "demec" }, () => new Promise((next) => setTimeout(next, 0)));
    const connection = await greet(stream);
    mux.unpair({ protocol: "demec" });
    if (link === undefined || connection === null) {
      mux.unpair({ protocol: GUIDE_PROTOCOL });
      return connection;
    }
    link.#begin(connection);
    return link;
  }

  private constructor(stream: NoiseStream, handler: GuideLinkHandler) {
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
      onmessage: (bytes) => handler.onMessage(decodeGuideMessage(bytes), this),
    });
    this.#mux.pair({ protocol: TUNNEL_PROTOCOL }, async (id) => {
      TunnelChannel.from(this.#mux, id, (tunnel, target) => handler.onTunnel(tunnel, target, this));
    });
    // Also where it never comes to a greeting.
    stream.on("close", () => this.#ended.resolve({ code: "network/closed", message: "The link broke.", byPeer: true }));
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

  #begin(connection: Connection): void {
    this.#connection = connection;
    this.#stream.maxMessageBytes = MUX_BATCH_BYTES;
    this.#ended.resolve(connection.closed);
  }

  /** The other side has closed the channel of requests, or the stream has ended. */
  #cut(): void {
    if (this.#connection === undefined) this.#stream.destroy();
    else void this.#connection.close();
  }
}

/** Of an end that asks and guides nobody. */
export const REFUSE_ALL: GuideLinkHandler = {
  onMessage() {},
  onTunnel: (tunnel) => tunnel.close("network/guide-refused"),
};
