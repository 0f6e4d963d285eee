const FIRST_MS = 500;
const MOST_MS = 30_000;
/** After so long a time without a failure the next one counts as the first. */
const WELL_MS = 60_000;

/** Does something again whenever it has ended, later each time that it fails; at once when the page is back in the network or in sight. */
export class Backoff {
  readonly #run: () => Promise<unknown>;
  readonly #wake = () => this.#start();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isRunning = false;
  #isStopped = false;
  #failures = 0;

  /** @param run resolves when what it began has ended, rejects when it could not begin */
  constructor(run: () => Promise<unknown>) {
    this.#run = run;
    globalThis.addEventListener?.("online", this.#wake);
    globalThis.document?.addEventListener("visibilitychange", this.#wake);
    this.#start();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#wake);
    globalThis.document?.removeEventListener("visibilitychange", this.#wake);
  }

  #start(): void {
    if (this.#isRunning || this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#isRunning = true;
    const sinceMs = performance.now();
    this.#run()
      .catch(() => {})
      .then(() => {
        this.#isRunning = false;
        if (this.#isStopped) return;
        this.#failures = performance.now() - sinceMs >= WELL_MS ? 0 : this.#failures + 1;
        const delayMs = Math.min(MOST_MS, FIRST_MS * 2 ** (this.#failures - 1));
        // Spread, or all pages of a guide that has restarted would come at the same moment.
        this.#timer = setTimeout(this.#wake, delayMs * (0.5 + Math.random() / 2));
      });
  }
}
