import { DemecError } from "@demec/protocol";
import type { FrameHandler, IncomingFrame } from "./connectionTypes.ts";

/** Frames that may arrive before a handler is set; more are a flood. */
const MAX_EARLY_FRAMES = 1024;

/** What came for the handler of a connection: kept until there is one, then handed over in order. */
export class Inbox {
  readonly #fail: (cause: unknown) => void;
  #handler: FrameHandler | undefined;
  #early: IncomingFrame[] = [];
  #isClosed = false;

  /** @param fail hears what the handler throws, at once or later */
  constructor(fail: (cause: unknown) => void) {
    this.#fail = fail;
  }

  open(handler: FrameHandler): void {
    this.#handler = handler;
    const early = this.#early;
    this.#early = [];
    for (const frame of early) this.deliver(frame);
  }

  /**
   * @param announcedMs of a frame in fragments, when its first came; monotonic milliseconds
   * @throws network/overrun when too many came before anybody could take one
   */
  deliver(frame: IncomingFrame, announcedMs?: number): void {
    if (this.#isClosed) return;
    if (this.#handler === undefined) {
      if (this.#early.length === MAX_EARLY_FRAMES) {
        throw new DemecError("network/overrun", `${MAX_EARLY_FRAMES} frames came before anybody could take one.`);
      }
      this.#early.push(frame);
      return;
    }
    try {
      const pending = this.#handler(frame, announcedMs);
      if (pending instanceof Promise) pending.catch((error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Nothing more is handed over. */
  close(): void {
    this.#isClosed = true;
    this.#early = [];
  }
}
