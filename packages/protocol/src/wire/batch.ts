import c from "compact-encoding";
import { plainView } from "./combinators.ts";
import { assertFrameSize, type DecodedFrame, decodeFrame, type Frame, frameCodec } from "./frame.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import { malformed, type State, uint } from "./primitives.ts";

/** Frames that leave together: each with its length before it. One batch is one message of the multiplexed channel. */
export class BatchWriter {
  readonly #state: State;

  /** @param capacity bytes that it holds at least; it grows for a frame that is larger */
  constructor(capacity: number) {
    this.#state = { start: 0, end: 0, buffer: new Uint8Array(capacity) };
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#state.start;
  }

  get isEmpty(): boolean {
    return this.#state.start === 0;
  }

  /**
   * Appends a frame unless the batch is full, that is: not empty, and without room for it.
   * @returns whether it was appended
   * @throws protocol/out-of-range for a field that has no encoding; the batch is as it was
   * @throws protocol/frame-too-large beyond `maxBytes`; the batch is as it was
   */
  append(frame: Frame, maxBytes = MAX_FRAME_BYTES): boolean {
    const state = this.#state;
    const start = state.start;
    state.end = 0;
    frameCodec.preencode(state, frame);
    const size = state.end;
    assertFrameSize(size, maxBytes);
    c.uint.preencode(state, size);
    if (start + state.end > state.buffer.length) {
      if (start > 0) return false;
      state.buffer = new Uint8Array(state.end);
    }
    try {
      c.uint.encode(state, size);
      frameCodec.encode(state, frame);
    } catch (error) {
      state.start = start;
      throw error;
    }
    return true;
  }

  /** What was appended, as a view that is good until {@link clear}. */
  bytes(): Uint8Array {
    return this.#state.buffer.subarray(0, this.#state.start);
  }

  clear(): void {
    this.#state.start = 0;
  }
}

/**
 * Decodes the frames of a batch one after the other; the frames before a bad one are delivered.
 * @param maxFrameBytes largest frame that is accepted
 * @param onFrame gets each frame; what it throws comes out of here
 * @throws protocol/malformed, protocol/frame-too-large
 */
export function readBatch(bytes: Uint8Array, maxFrameBytes: number, onFrame: (frame: DecodedFrame) => void): void {
  const state: State = { start: 0, end: bytes.length, buffer: plainView(bytes) };
  if (bytes.length === 0) throw malformed("A batch is empty.");
  while (state.start < state.end) {
    const length = uint.decode(state);
    assertFrameSize(length, maxFrameBytes);
    if (length > state.end - state.start) {
      throw malformed(`A frame of ${length} bytes is announced where ${state.end - state.start} are left.`);
    }
    const start = state.start;
    state.start += length;
    onFrame(decodeFrame(state.buffer.subarray(start, state.start), maxFrameBytes));
  }
}
