import { DemecError, type Hex } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";

/** What carries a connection's bytes. */
export type Carrier = "udx" | "tcp" | "websocket" | "webrtc" | "tunnel";

/** Longest message of a handshake: three of Noise XX with less than 100 bytes, and the header of 56. */
const MAX_HANDSHAKE_BYTES = 256;
/** Until somebody who knows what may come sets it: hello is far shorter. */
const DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * A Noise stream that knows its carrier and refuses a message by its announced length, before memory is taken for it.
 * The stream's own limit is what three bytes can say, 16 MiB, for anybody who can open a socket.
 */
export class NoiseStream extends NoiseSecretStream {
  readonly carrier: Carrier;
  /** Node key of the guide that passes the bytes on, or of the relay, at the end that asked for it; null: none, or the other end asked. */
  relay: Hex | null = null;
  /** Longest message that is accepted once the other side has proved its key; bytes. */
  maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;
  // Assigned by the base constructor already: an initialiser here would come after it.
  declare private _announcedBytes: number;

  constructor(carrier: Carrier, ...rest: ConstructorParameters<typeof NoiseSecretStream>) {
    super(...rest);
    this.carrier = carrier;
  }

  /** IP address that the other end's bytes come from: a relay's, where it is relayed; null once that can't be told. */
  get remoteHost(): string | null {
    const { remoteHost, remoteAddress } = this.rawStream as {
      remoteHost?: string | null;
      remoteAddress?: string | null;
    };
    return remoteHost ?? remoteAddress ?? null;
  }

  protected override get _len(): number {
    return this._announcedBytes;
  }

  /** Set with each byte of a length that comes in, and to 0 after each message. */
  protected override set _len(bytes: number) {
    this._announcedBytes = bytes;
    const limit = this._setup ? MAX_HANDSHAKE_BYTES : this.maxMessageBytes;
    if (bytes > limit) {
      this.destroy(
        new DemecError("protocol/frame-too-large", `A message of ${bytes} bytes or more was announced, not ${limit}.`, {
          details: { bytes, limit },
        }),
      );
    }
  }
}
