import type { RtcDescription } from "@demec/protocol";

/** What is heard of a data channel. */
export interface ChannelEvents {
  readonly onOpen: () => void;
  readonly onMessage: (bytes: Uint8Array) => void;
  /** Less than `LOW_WATER_BYTES` wait to be sent, after more did. */
  readonly onLow: () => void;
  /** It has ended, or will never open; once. */
  readonly onClosed: () => void;
}

/** One end of a peer connection and of its one data channel: ordered, reliable, open without a word once there is a way. */
export interface RtcPeer {
  readonly isConnecting: boolean;
  readonly isOpen: boolean;
  readonly bufferedBytes: number;
  /** IP address of the other end, where that is known. */
  readonly remoteHost: string | null;
  /** Sets who hears of the channel; once, before it can open. */
  listen(events: ChannelEvents): void;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Ends everything at once. */
  destroy(): void;
}

/** The end that begins. */
export interface OfferingPeer extends RtcPeer {
  offer(): Promise<RtcDescription>;
  accept(answer: RtcDescription): Promise<void>;
}

/** Both ends make the channel by themselves, under this number. */
export const CHANNEL_ID = 0;
export const CHANNEL_LABEL = "demec";
/** Longest message that every browser takes, and none that keeps others waiting for long. */
export const MAX_CHANNEL_MESSAGE_BYTES = 16 * 1024;
export const LOW_WATER_BYTES = 64 * 1024;
/** How long the ways through STUN and TURN servers are waited for. */
export const GATHER_MS = 1_000;
