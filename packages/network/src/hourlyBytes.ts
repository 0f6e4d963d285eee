import type { Hex } from "@demec/protocol";

const HOUR_MS = 3_600_000;

/** Bytes that are passed on for each peer in an hour, against what it may have passed on. */
export class HourlyBytes {
  readonly #limit: number;
  #byPeer = new Map<Hex, number>();
  #endsMs = performance.now() + HOUR_MS;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get byPeer(): ReadonlyMap<Hex, number> {
    return this.#byPeer;
  }

  count(peer: Hex, bytes: number): void {
    this.#byPeer.set(peer, (this.#byPeer.get(peer) ?? 0) + bytes);
  }

  isSpent(peer: Hex): boolean {
    const nowMs = performance.now();
    if (nowMs >= this.#endsMs) {
      this.#byPeer = new Map();
      this.#endsMs = nowMs + HOUR_MS;
    }
    return (this.#byPeer.get(peer) ?? 0) >= this.#limit;
  }
}
