import { Pulse } from "./pulse.ts";

/** Pings whose answers are still waited for; older ones are forgotten. */
const MAX_OUTSTANDING = 16;

export interface VigilOptions {
  readonly heartbeatMs: number;
  readonly deadAfterMs: number;
  readonly watchMs: number;
  readonly suspectAfterMs: number;
  /** Whether our own bytes still wait to be sent: then a late answer says nothing about the peer. */
  readonly isCongested: () => boolean;
  readonly ping: (nonce: number) => void;
  readonly onDead: () => void;
}

/** Looks after the other side of a connection: pings it, measures the round trip, notices its silence. */
export class Vigil {
  onSuspicion: () => void = () => {};
  /** The first round trip. */
  readonly measured: Promise<number>;
  readonly #measured = Promise.withResolvers<number>();
  readonly #options: VigilOptions;
  readonly #pulse = new Pulse(performance.now());
  /** When each ping without an answer was sent. */
  readonly #pings = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #intervalMs: number;
  #lastPingMs = 0;
  #nonce = 0;
  #rttMs: number | undefined;
  #watching = false;
  #suspected = false;
  #stopped = false;

  constructor(options: VigilOptions) {
    this.#options = options;
    this.measured = this.#measured.promise;
    this.#intervalMs = options.heartbeatMs;
    this.#schedule(options.heartbeatMs);
  }

  /** Round trip of the newest answered ping; milliseconds. */
  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  get isSuspected(): boolean {
    return this.#suspected;
  }

  /** The first ping, once both sides have greeted. */
  start(): void {
    this.#ping(performance.now());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Bytes came in. */
  heard(): void {
    this.#pulse.heard();
    this.#suspected = false;
  }

  answered(nonce: number): void {
    const sentMs = this.#pings.get(nonce);
    if (sentMs === undefined) return;
    this.#rttMs = performance.now() - sentMs;
    this.#measured.resolve(this.#rttMs);
    for (const earlier of this.#pings.keys()) if (earlier <= nonce) this.#pings.delete(earlier);
  }

  watch(waiting: boolean): void {
    const begins = waiting && !this.#watching;
    this.#watching = waiting;
    // The end of a watch is noticed at the next beat: turned off and on by turns, it must still beat.
    if (begins && !this.#stopped && this.#intervalMs > this.#options.watchMs) this.#schedule(this.#options.watchMs);
  }

  #schedule(intervalMs: number): void {
    clearTimeout(this.#timer);
    this.#intervalMs = intervalMs;
    this.#timer = setTimeout(() => this.#beat(), intervalMs);
  }

  #beat(): void {
    const { heartbeatMs, watchMs, deadAfterMs, suspectAfterMs, isCongested } = this.#options;
    const nowMs = performance.now();
    const silentMs = this.#pulse.tick(nowMs, this.#intervalMs);
    if (silentMs >= deadAfterMs) {
      this.#options.onDead();
      return;
    }
    this.#schedule(this.#watching ? Math.min(watchMs, heartbeatMs) : heartbeatMs);
    if (isCongested()) return;
    // More than one ping may be under way: where one is lost, the next makes the transport notice.
    if (silentMs > 0 || nowMs - this.#lastPingMs >= 0.9 * heartbeatMs) this.#ping(nowMs);
    const tooLongMs = Math.max(suspectAfterMs, 2 * (this.#rttMs ?? 0) + watchMs);
    if (!this.#watching || this.#suspected || silentMs < tooLongMs) return;
    this.#suspected = true;
    this.onSuspicion();
  }

  #ping(nowMs: number): void {
    if (this.#pings.size >= MAX_OUTSTANDING) this.#pings.delete(this.#pings.keys().next().value!);
    this.#pings.set(++this.#nonce, nowMs);
    this.#lastPingMs = nowMs;
    this.#options.ping(this.#nonce);
  }
}
