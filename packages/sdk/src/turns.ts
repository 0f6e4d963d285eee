/** Lets pieces of work that must not overlap run one after the other, in the order they are asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Not to be called from within a piece of work: it would wait for itself. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
