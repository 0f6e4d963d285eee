import type { Hex } from "@demec/protocol";
import type { Connection } from "./connection.ts";
import { type Deadline, within } from "./deadline.ts";
import type { GuideLink } from "./guide/guideLink.ts";
import type { KeyPair } from "./guide/signables.ts";
import type { TunnelChannel } from "./guide/tunnelChannel.ts";
import { TunnelStream } from "./guide/tunnelStream.ts";
import { toHex } from "./hex.ts";
import { NoiseStream } from "./transport/noiseStream.ts";

/** Whoever stops in the middle of it gives its place back. */
const HANDSHAKE: Deadline = { timeoutMs: 10_000 };

export interface ListenOptions {
  /** Gets each connection after both sides have greeted. */
  readonly onConnection: (connection: Connection) => void;
  /** Hears of connections that failed before that, and of what `onConnection` threw; for logs. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /**
   * Whether whoever proves this node key, from this address, may connect now; asked before the connection costs more
   * than its handshake. The address is null where it isn't known.
   */
  readonly admit?: ((nodeKey: Hex, host: string | null) => boolean) | undefined;
  /** Connections at most that have greeted; more are turned away. Default 4096. */
  readonly maxConnections?: number;
  /** Connections at most whose handshake or greeting is under way: those who stop half-way take no place inside. Default 1024. */
  readonly maxHandshakes?: number;
}

interface ReceptionOptions extends ListenOptions {
  /** Null for a stream that is no connection for `onConnection`, and that something else has taken. */
  readonly greet: (stream: NoiseStream) => Promise<Connection | null>;
}

/** Receives who comes in, by whatever door: so many at most, and only those that are admitted. */
export class Reception {
  readonly #options: ReceptionOptions;
  /** Connections whose handshake or greeting is under way, and those that have greeted. */
  #outside = 0;
  #inside = 0;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    const { maxConnections = 4096, maxHandshakes = 1024 } = this.#options;
    return this.#inside < maxConnections && this.#outside < maxHandshakes;
  }

  welcomes(publicKey: Uint8Array, host: string | null): boolean {
    return this.#options.admit?.(toHex(publicKey), host) ?? true;
  }

  /** Takes a stream whose handshake is still to come, or of UDX is over. */
  take(stream: NoiseStream): void {
    this.#outside++;
    let isInside = false;
    const enter = () => {
      if (stream.destroyed || isInside) return;
      isInside = true;
      this.#outside--;
      this.#inside++;
    };
    stream.on("close", () => (isInside ? this.#inside-- : this.#outside--));
    // Errors end the stream; whoever waits for it hears of that.
    stream.on("error", () => {});
    void this.#accept(stream, enter);
  }

  /** Takes a tunnel that leads here. */
  takeTunnel(tunnel: TunnelChannel, { peer, host }: GuideLink, keyPair: KeyPair): void {
    if (!this.hasRoom) {
      tunnel.close("network/guide-refused");
      return;
    }
    const stream = new NoiseStream("tunnel", false, new TunnelStream(tunnel, host), { keyPair });
    stream.relay = peer;
    this.take(stream);
  }

  /** @param enter is called when the other side has shown what it wants */
  async #accept(stream: NoiseStream, enter: () => void): Promise<void> {
    const { greet, onConnection, onFailure } = this.#options;
    let connection: Connection | null = null;
    try {
      // Of UDX the DHT has asked before the handshake was over.
      if (
        stream.carrier !== "udx" &&
        (!(await within(stream.opened, "The handshake", HANDSHAKE)) ||
          !this.welcomes(stream.remotePublicKey, stream.remoteHost))
      ) {
        stream.destroy();
        return;
      }
      connection = await greet(stream);
      enter();
      if (connection !== null) onConnection(connection);
    } catch (error) {
      // A connection that fails to greet is the peer's affair; a handler that throws is a bug, never swallowed.
      if (connection !== null && onFailure === undefined) throw error;
      if (connection === null) stream.destroy();
      else void connection.close("network/handler-failed", "The connection could not be taken.");
      onFailure?.(error);
    }
  }
}
