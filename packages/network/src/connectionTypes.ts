import type { DecodedFrame, Frame, StreamMessage } from "@demec/protocol";

export interface ConnectionOptions {
  /** Said in hello, for people: program and version. */
  readonly agent?: string | undefined;
  /** Interval of pings; 500 ms at most for failover to be quick. */
  readonly heartbeatMs?: number | undefined;
  /** Silence after which the peer counts as gone, noticed at the next heartbeat. */
  readonly deadAfterMs?: number | undefined;
  /** Interval of pings while somebody waits for the peer and nothing comes; see `Connection.watch`. */
  readonly watchMs?: number | undefined;
  /** Silence after which a watched peer is suspected to be gone; more where two of its round trips take longer. */
  readonly suspectAfterMs?: number | undefined;
  /** Largest frame that is accepted or sent in fragments; at most MAX_MESSAGE_BYTES. */
  readonly maxMessageBytes?: number | undefined;
  /** Bytes that may wait for a slow peer before the connection is given up. */
  readonly maxQueuedBytes?: number | undefined;
}

/** What a connection says and hears itself, beside heartbeats and goodbye. */
type OwnType = "hello" | "ping" | "pong" | "goodbye" | StreamMessage["type"];
/** Frames that a connection passes up. */
export type IncomingFrame = Exclude<DecodedFrame, { type: OwnType | "unknown" }>;
/** Frames that may be sent on a connection. */
export type OutgoingFrame = Exclude<Frame, { type: OwnType | "unsupported" }>;
/** @param announcedMs of a frame that came in fragments: monotonic milliseconds when the first of it came */
export type FrameHandler = (frame: IncomingFrame, announcedMs?: number) => void | Promise<void>;

/** Why a connection ended. */
export interface CloseReason {
  /** One of this project's codes, or whatever the peer said. */
  readonly code: string;
  readonly message: string;
  /** Whether the other side ended it. */
  readonly byPeer: boolean;
  readonly cause?: unknown;
}
