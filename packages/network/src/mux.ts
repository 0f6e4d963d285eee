import type NoiseSecretStream from "@hyperswarm/secret-stream";
import Protomux from "protomux";

/**
 * A multiplexer that a hostile peer can't crash the process with: Protomux rethrows a TypeError or RangeError that
 * bytes from outside provoked as an uncaught exception; here every error ends that one stream.
 */
export class Mux extends Protomux {
  /** The stream's multiplexer, made when there is none yet. */
  static of(stream: NoiseSecretStream): Mux {
    return stream.userData instanceof Mux ? stream.userData : new Mux(stream);
  }

  protected override _safeDestroy(error: unknown): void {
    this._destroying = true;
    this.stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }

  protected override _warn(error: unknown): void {
    this._safeDestroy(error);
  }
}

/** The message as it is: bytes to its end. Decoded as a view. */
export const rawBytes: Protomux.Encoding<Uint8Array> = {
  preencode(state, bytes) {
    state.end += bytes.length;
  },
  encode(state, bytes) {
    state.buffer.set(bytes, state.start);
    state.start += bytes.length;
  },
  decode(state) {
    const bytes = state.buffer.subarray(state.start, state.end);
    state.start = state.end;
    return bytes;
  },
};
