import type Protomux from "protomux";
import { type Mux, rawBytes } from "../mux.ts";

/** Its number is its version: whoever doesn't know it refuses the channel. */
export const SIGNALLING = { protocol: "demec/webrtc/1" };

/** What may be said; a refusal has no bytes. */
export interface SignalEvents {
  readonly onOffer: (description: Uint8Array) => void | Promise<void>;
  readonly onAnswer: (description: Uint8Array) => void | Promise<void>;
  readonly onRefusal: () => void;
  readonly onClosed: () => void;
}

export interface Signals {
  offer(description: Uint8Array): void;
  answer(description: Uint8Array): void;
  refuse(): void;
  close(): void;
}

/** Opens this end of the channel on which two ends prepare a peer connection; null where the multiplexer has ended or has one already. */
export function openSignalling(mux: Mux, { onOffer, onAnswer, onRefusal, onClosed }: SignalEvents): Signals | null {
  const channel = mux.createChannel({ ...SIGNALLING, ondrain() {}, onclose: onClosed });
  if (channel === null) return null;
  const message = (onmessage: (bytes: Uint8Array) => unknown): Protomux.Message<Uint8Array> =>
    channel.addMessage({ encoding: rawBytes, autoBatch: false, onmessage: (bytes) => onmessage(bytes) });
  // Their order is their type on the wire.
  const offer = message(onOffer);
  const answer = message(onAnswer);
  const refusal = message(onRefusal);
  channel.open();
  return {
    offer: (description) => void offer.send(description),
    answer: (description) => void answer.send(description),
    refuse: () => void refusal.send(new Uint8Array(0)),
    close: () => channel.close(),
  };
}
