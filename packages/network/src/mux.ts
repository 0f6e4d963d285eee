import Protomux from "protomux";

/**
 * A multiplexer that a hostile peer can't crash the process with: Protomux rethrows a TypeError or RangeError that
 * bytes from outside provoked as an uncaught exception; here every error ends that one stream.
 */
export class Mux extends Protomux {
  protected override _safeDestroy(error: unknown): void {
    this._destroying = true;
    this.stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }

  protected override _warn(error: unknown): void {
    this._safeDestroy(error);
  }
}
