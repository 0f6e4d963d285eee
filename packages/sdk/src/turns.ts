import type { Address } from "@demec/protocol";

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

const turnsOfAccounts = new Map<string, Turns>();

/** The turns of one account on one chain, whichever clients of this process spend from it: its nonces are given in order. */
export function turnsOf(chainId: number, account: Address): Turns {
  const key = `${chainId}/${account.toLowerCase()}`;
  let turns = turnsOfAccounts.get(key);
  if (turns === undefined) {
    turns = new Turns();
    turnsOfAccounts.set(key, turns);
  }
  return turns;
}
