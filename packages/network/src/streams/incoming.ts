import {
  type AnnouncedFrame,
  type AnnouncedOutput,
  type DecodedFrame,
  DemecError,
  decodeFrame,
  type Frame,
  MAX_FRAME_STREAMS,
  MAX_OUTPUT_STREAMS,
  STREAM_WINDOW_BYTES,
  type StreamContent,
  StreamHash,
} from "@demec/protocol";
import { isAsAnnounced, isOfCall } from "./announcement.ts";

/** Received bytes are credited in steps of this size: few frames, and the sender never runs dry. */
const CREDIT_STEP_BYTES = STREAM_WINDOW_BYTES / 4;

/** Takes what a running call writes to stdout. */
export interface OutputSink {
  /** Good until it returns. What is kept is told to have been consumed later. */
  write(bytes: Uint8Array): void;
  /** That was all of it. @param hash digest of a StreamHash over it, which it has been checked against */
  end(bytes: number, hash: Uint8Array): void;
  /** It ended before its end. */
  abort(): void;
}

/** Decides about what is announced, and hears of it. What nobody wants is refused. */
export interface IncomingEvents {
  /** Whether a frame may come in fragments; asked before a byte of it is held. */
  mayCome(announced: AnnouncedFrame): boolean;
  /**
   * Who takes an output that is announced, if anybody does.
   * @param consumed to be told as bytes are consumed, so that more may come
   */
  outputOf(announced: AnnouncedOutput, consumed: (bytes: number) => void): OutputSink | null;
  /** A frame has come whole. @param announcedMs monotonic milliseconds when it was announced */
  frame(frame: DecodedFrame, announcedMs: number): void;
}

interface Incoming {
  readonly streamId: number;
  readonly content: StreamContent;
  readonly announcedMs: number;
  readonly hash: StreamHash;
  /** Of a frame, its bytes; of an output, who takes them. */
  readonly to: Uint8Array | OutputSink;
  /** Bytes that may still come, and bytes that were consumed and not credited yet. */
  window: number;
  consumed: number;
}

/**
 * What one end of a connection receives in fragments. At most MAX_FRAME_STREAMS frames, each of the length that it announced and that
 * was admitted, and a window of each of MAX_OUTPUT_STREAMS outputs: no more of a peer's bytes is ever held here.
 */
export class IncomingStreams {
  readonly #push: (frame: Frame) => void;
  readonly #events: IncomingEvents;
  readonly #maxMessageBytes: number;
  readonly #streams = new Map<number, Incoming>();
  #lastId = 0;
  /** Bytes that an honest peer may have sent of streams that were refused meanwhile. */
  #strayBytes = 0;

  constructor(push: (frame: Frame) => void, events: IncomingEvents, maxMessageBytes: number) {
    this.#push = push;
    this.#events = events;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** @throws protocol/malformed for a number that was used, or more streams than may be under way */
  open(streamId: number, content: StreamContent): void {
    if (streamId <= this.#lastId) throw malformed(`Stream ${streamId} comes after stream ${this.#lastId}.`);
    this.#lastId = streamId;
    const isOutput = content.kind === "output";
    let count = 0;
    for (const other of this.#streams.values()) if ((other.content.kind === "output") === isOutput) count++;
    if (count >= (isOutput ? MAX_OUTPUT_STREAMS : MAX_FRAME_STREAMS)) {
      throw malformed(`Stream ${streamId} comes on top of ${count} under way.`);
    }
    const to = this.#admit(streamId, content);
    if (to === null) {
      this.#refuse(streamId, STREAM_WINDOW_BYTES);
      return;
    }
    const stream = { streamId, content, announcedMs: performance.now(), hash: new StreamHash(), to };
    this.#streams.set(streamId, { ...stream, window: STREAM_WINDOW_BYTES, consumed: 0 });
  }

  /** @throws protocol/malformed for more than was announced or credited */
  data(streamId: number, bytes: Uint8Array): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.#strayBytes -= bytes.length;
      if (this.#strayBytes < 0) throw malformed(`${bytes.length} bytes came of stream ${streamId}, which is none.`);
      return;
    }
    stream.window -= bytes.length;
    if (stream.window < 0) throw malformed(`Stream ${streamId} exceeds what it was credited.`);
    const { hash, to } = stream;
    if (to instanceof Uint8Array) {
      if (hash.length + bytes.length > to.length) throw malformed(`Stream ${streamId} exceeds ${to.length} bytes.`);
      to.set(bytes, hash.length);
      this.#consume(stream, bytes.length);
    }
    hash.update(bytes);
    if (!(to instanceof Uint8Array)) to.write(bytes);
  }

  /** @throws protocol/malformed for a hash or a length that is wrong, and for a frame that was not announced */
  end(streamId: number, hash: Uint8Array): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    this.#streams.delete(streamId);
    const { content, to } = stream;
    const { length } = stream.hash;
    const actual = stream.hash.digest();
    if (!actual.every((byte, i) => byte === hash[i])) throw malformed(`Stream ${streamId} has another hash.`);
    if (!(to instanceof Uint8Array)) {
      to.end(length, actual);
      return;
    }
    if (length < to.length) throw malformed(`Stream ${streamId} ends after ${length} of ${to.length} bytes.`);
    const frame = decodeFrame(to, this.#maxMessageBytes);
    if (frame.type === "unknown" || content.kind === "output" || !isAsAnnounced(content, frame)) {
      throw malformed(`Stream ${streamId} is a ${frame.type}, which was not announced.`);
    }
    this.#push({ type: "streamTaken", streamId });
    this.#events.frame(frame, stream.announcedMs);
  }

  abort(streamId: number): void {
    const stream = this.#streams.get(streamId);
    this.#streams.delete(streamId);
    if (stream !== undefined && !(stream.to instanceof Uint8Array)) stream.to.abort();
  }

  /** Takes no more of a call, or (without one) of all calls of a handle; frees what is held of it. */
  cut(handle: number, callId?: number): void {
    for (const { streamId, content, window } of [...this.#streams.values()]) {
      if (content.kind === "message" || !isOfCall(content, handle, callId ?? content.callId)) continue;
      this.abort(streamId);
      this.#refuse(streamId, window);
    }
  }

  close(): void {
    for (const streamId of [...this.#streams.keys()]) this.abort(streamId);
  }

  #admit(streamId: number, content: StreamContent): Uint8Array | OutputSink | null {
    if (content.kind === "output") {
      return this.#events.outputOf(content, (bytes) => {
        const stream = this.#streams.get(streamId);
        if (stream !== undefined) this.#consume(stream, bytes);
      });
    }
    if (content.messageBytes > this.#maxMessageBytes || !this.#events.mayCome(content)) return null;
    return new Uint8Array(content.messageBytes);
  }

  #refuse(streamId: number, window: number): void {
    this.#strayBytes += window;
    this.#push({ type: "streamRefuse", streamId, code: "network/stream-refused" });
  }

  #consume(stream: Incoming, bytes: number): void {
    stream.consumed += bytes;
    if (stream.consumed < CREDIT_STEP_BYTES) return;
    stream.window += stream.consumed;
    this.#push({ type: "streamCredit", streamId: stream.streamId, bytes: stream.consumed });
    stream.consumed = 0;
  }
}

function malformed(what: string): DemecError {
  return new DemecError("protocol/malformed", what);
}
