import {
  DemecError,
  encodeFrame,
  FRAGMENT_BYTES,
  type Frame,
  frameBytes,
  MAX_FRAME_STREAMS,
  MAX_OUTPUT_STREAMS,
  STREAM_WINDOW_BYTES,
  type StreamContent,
  StreamHash,
} from "@demec/protocol";
import { announcementOf, isOfCall } from "./announcement.ts";

/** The connection, as the streams that it carries see it. */
export interface StreamCarrier {
  push(frame: Frame): void;
  /** Resolves when all that was pushed has gone to the transport, or when the connection has ended. */
  drained(): Promise<void>;
}

/** Hears what becomes of streams that this end sends. */
export interface OutgoingEvents {
  /** The other side takes none, or no more, of it. */
  refused(content: StreamContent, code: string): void;
  /** The other side has a whole frame. */
  taken(content: StreamContent): void;
}

/** Writes what a running call writes to stdout. */
export interface OutputWriter {
  /**
   * Resolves when the bytes have left; they must not change before. Chunks leave in the order they were given.
   * @throws network/stream-refused when the other side takes no more, or the connection has ended
   */
  write(bytes: Uint8Array): Promise<void>;
  /** That was all: what follows on the connection comes after it. Once, after the last `write` has resolved. */
  end(): void;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly left: () => void;
  readonly lost: (error: DemecError) => void;
}

interface Outgoing {
  readonly streamId: number;
  readonly content: StreamContent;
  readonly hash: StreamHash;
  readonly chunks: Chunk[];
  /** Of the first chunk, bytes that have left. */
  at: number;
  credit: number;
}

/**
 * What one end of a connection sends in fragments: frames above MAX_FRAME_BYTES, a few at a time, and outputs of running calls.
 * Streams take turns, and a fragment leaves only when all before it has gone to the transport, so that a small frame never
 * waits for more than one.
 */
export class OutgoingStreams {
  readonly #carrier: StreamCarrier;
  readonly #events: OutgoingEvents;
  readonly #maxMessageBytes: number;
  /** Under way; the first is next. */
  readonly #streams = new Map<number, Outgoing>();
  /** Frames that wait until one of those under way has gone. */
  readonly #waiting: { readonly frame: Frame; readonly content: StreamContent }[] = [];
  #nextId = 1;
  #isPumping = false;
  #isClosed = false;

  constructor(carrier: StreamCarrier, events: OutgoingEvents, maxMessageBytes: number) {
    this.#carrier = carrier;
    this.#events = events;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Sends a frame in fragments; nobody may write to it before. @throws protocol/frame-too-large */
  sendFrame(frame: Frame): void {
    const content = announcementOf(frame, frameBytes(frame, this.#maxMessageBytes));
    this.#waiting.push({ frame, content });
    this.#startWaiting();
  }

  /** Begins the output of a running call. @throws network/stream-refused when too many are under way */
  openOutput(handle: number, callId: number): OutputWriter {
    if (this.#count("output") >= MAX_OUTPUT_STREAMS || this.#isClosed) throw refused("Too many outputs are under way.");
    const stream = this.#open({ kind: "output", handle, callId });
    return {
      write: (bytes) =>
        new Promise<void>((left, lost) => {
          if (!this.#streams.has(stream.streamId)) {
            lost(refused("The other side takes no more of the output."));
            return;
          }
          stream.chunks.push({ bytes, left, lost });
          void this.#pump();
        }),
      end: () => this.#end(stream),
    };
  }

  /** From the receiver: more may come. */
  credit(streamId: number, bytes: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    stream.credit += bytes;
    void this.#pump();
  }

  /** From the receiver: a frame has come whole. */
  taken(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || stream.chunks.length > 0) return;
    this.#drop(stream, "It was taken.");
    this.#events.taken(stream.content);
    this.#startWaiting();
  }

  /** From the receiver: it takes no more. */
  refuse(streamId: number, code: string): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    this.#drop(stream, `The other side takes no more of it (${code}).`);
    this.#events.refused(stream.content, code);
    this.#startWaiting();
  }

  /** Stops what is sent of a call, or (without one) of all calls of a handle. */
  cut(handle: number, callId?: number): void {
    const isCut = (content: StreamContent) =>
      content.kind !== "message" && isOfCall(content, handle, callId ?? content.callId);
    const kept = this.#waiting.filter(({ content }) => !isCut(content));
    this.#waiting.splice(0, this.#waiting.length, ...kept);
    for (const stream of [...this.#streams.values()]) {
      if (!isCut(stream.content)) continue;
      this.#drop(stream, "The call is over.");
      this.#carrier.push({ type: "streamAbort", streamId: stream.streamId });
    }
    this.#startWaiting();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    for (const stream of [...this.#streams.values()]) this.#drop(stream, "The connection has ended.");
  }

  #count(kind: "output" | "frame"): number {
    let count = 0;
    for (const { content } of this.#streams.values()) if ((content.kind === "output") === (kind === "output")) count++;
    return count;
  }

  #startWaiting(): void {
    while (!this.#isClosed && this.#waiting.length > 0 && this.#count("frame") < MAX_FRAME_STREAMS) {
      const { frame, content } = this.#waiting.shift()!;
      const stream = this.#open(content);
      stream.chunks.push({ bytes: encodeFrame(frame), left: () => this.#end(stream), lost: () => {} });
      void this.#pump();
    }
  }

  #open(content: StreamContent): Outgoing {
    const streamId = this.#nextId++;
    const stream = { streamId, content, hash: new StreamHash(), chunks: [], at: 0, credit: STREAM_WINDOW_BYTES };
    this.#streams.set(streamId, stream);
    this.#carrier.push({ type: "streamOpen", streamId, content });
    return stream;
  }

  /** A frame's stream stays until it is taken; an output's is over. */
  #end(stream: Outgoing): void {
    if (!this.#streams.has(stream.streamId)) return;
    this.#carrier.push({ type: "streamEnd", streamId: stream.streamId, hash: stream.hash.digest() });
    if (stream.content.kind === "output") this.#streams.delete(stream.streamId);
  }

  #drop(stream: Outgoing, why: string): void {
    this.#streams.delete(stream.streamId);
    for (const { lost } of stream.chunks.splice(0)) lost(refused(why));
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let stream = this.#next(); stream !== undefined; stream = this.#next()) {
      this.#sendFragment(stream);
      await this.#carrier.drained();
    }
    this.#isPumping = false;
  }

  #next(): Outgoing | undefined {
    for (const stream of this.#streams.values()) if (stream.chunks.length > 0 && stream.credit > 0) return stream;
    return undefined;
  }

  #sendFragment(stream: Outgoing): void {
    const { streamId, chunks } = stream;
    const { bytes, left } = chunks[0]!;
    const part = bytes.subarray(stream.at, stream.at + Math.min(FRAGMENT_BYTES, stream.credit));
    stream.at += part.length;
    stream.credit -= part.length;
    stream.hash.update(part);
    this.#carrier.push({ type: "streamData", streamId, bytes: part });
    // It comes last from now on.
    this.#streams.delete(streamId);
    this.#streams.set(streamId, stream);
    if (stream.at < bytes.length) return;
    chunks.shift();
    stream.at = 0;
    left();
  }
}

function refused(message: string): DemecError {
  return new DemecError("network/stream-refused", message);
}
