import { MAX_TUNNEL_PIECE_BYTES, TUNNEL_WINDOW_BYTES, type TunnelChannel, type TunnelEvents } from "./tunnelChannel.ts";

/** Messages that may come before there is a far end: a handshake begins with one. */
const MAX_EARLY = 16;

export interface SpliceOptions {
  /** Counts bytes that are to pass, and tells whether they may. */
  readonly mayPass: (bytes: number) => boolean;
  /** Hears of the end, once. */
  readonly onEnded: () => void;
}

interface Flow {
  /** What went through in this direction and was not credited yet. */
  bytes: number;
  /** Its sender has said that nothing more comes. */
  isOver: boolean;
}

/**
 * What a guide does with a tunnel: passes on what comes through one channel into another. It holds nothing back, for the ends
 * give each other credit; whoever sends beyond it ends the tunnel, so that a window at most waits here in each direction.
 */
export class Splice {
  readonly #options: SpliceOptions;
  readonly #near: TunnelChannel;
  readonly #forth: Flow = { bytes: 0, isOver: false };
  readonly #back: Flow = { bytes: 0, isOver: false };
  #far: TunnelChannel | undefined;
  #early: ((far: TunnelChannel) => void)[] = [];
  #isEnded = false;

  /** @param near channel by which the tunnel was asked for */
  constructor(near: TunnelChannel, options: SpliceOptions) {
    this.#near = near;
    this.#options = options;
    near.events = this.#passing(this.#forth, this.#back, (send) => {
      if (this.#far !== undefined) send(this.#far);
      else if (this.#early.push(send) > MAX_EARLY) this.end("protocol/malformed");
    });
  }

  /** The far end is there. */
  join(far: TunnelChannel): void {
    if (this.#isEnded) {
      far.close();
      return;
    }
    this.#far = far;
    far.events = this.#passing(this.#back, this.#forth, (send) => send(this.#near));
    for (const send of this.#early.splice(0)) send(far);
  }

  /** @param code why, for both ends; none where one of them has just ended it */
  end(code?: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#early = [];
    this.#near.close(code);
    this.#far?.close(code);
    this.#options.onEnded();
  }

  /**
   * @param flow of the bytes that come here
   * @param credited flow that credits from here are for
   */
  #passing(flow: Flow, credited: Flow, pass: (send: (to: TunnelChannel) => void) => void): TunnelEvents {
    return {
      onData: (bytes) => {
        const { length } = bytes;
        flow.bytes += length;
        const isPiece = length > 0 && length <= MAX_TUNNEL_PIECE_BYTES && !flow.isOver;
        if (!isPiece || flow.bytes > TUNNEL_WINDOW_BYTES) this.end("protocol/malformed");
        else if (!this.#options.mayPass(length)) this.end("network/guide-refused");
        else pass((to) => to.send(bytes));
      },
      onCredit: (bytes) => {
        credited.bytes -= bytes;
        if (credited.bytes < 0) this.end("protocol/malformed");
        else pass((to) => to.credit(bytes));
      },
      onEnd: () => {
        if (flow.isOver) this.end("protocol/malformed");
        else pass((to) => to.end());
        flow.isOver = true;
      },
      onClosed: (code) => this.end(code ?? undefined),
    };
  }
}
