// What every journal on a disk keeps to, wherever it runs: in Node, and bundled in a browser.
import type { Hex } from "@demec/protocol";
import type { Journal } from "../journal.ts";
import type { JournalRecord } from "../records.ts";

/** One store, and how to look at what is in it while no journal has it open. */
export interface JournalHarness {
  open(): Promise<Journal>;
  /** How many entries are stored. */
  entries(): Promise<number>;
  /** Replaces the first entry by these bytes. */
  spoil(bytes: Uint8Array): Promise<void>;
}

export const A: Hex = `0x${"aa".repeat(32)}`;
export const B: Hex = `0x${"bb".repeat(32)}`;
export const fault = (callId: number): JournalRecord => ({ type: "fault", callId });

/** Ids of a log of faults. */
export const idsOf = (records: readonly JournalRecord[] = []): number[] =>
  records.map((record) => (record as { callId: number }).callId);

/** Properties, each with what shows it on a store that is empty. */
export const JOURNAL_CONTRACT: Readonly<Record<string, (harness: JournalHarness) => Promise<void>>> = {
  "what was appended is there after closing, by session, in order; sessions never seen are null": async ({ open }) => {
    const first = await open();
    await first.append(A, [fault(1), fault(2)]);
    await first.append(B, [fault(9)]);
    void first.append(A, [fault(3)], { soon: true });
    await first.append(A, [fault(4)]);
    await first.close();
    const second = await open();
    await second.append(A.toUpperCase().replace("0X", "0x") as Hex, [fault(5)]);
    same(idsOf((await second.load(A))?.records), [1, 2, 3, 4, 5]);
    same(idsOf((await second.load(B))?.records), [9]);
    same(await second.load(`0x${"cc".repeat(32)}`), null);
    same(await second.list(), [A, B]);
    await second.close();
  },

  "a log that is dropped is gone, over later writes and a restart, and no other one is": async ({ open }) => {
    const first = await open();
    await first.append(A, [fault(1)]);
    await first.append(A, [fault(2)], { soon: true });
    await first.append(B, [fault(9)], { soon: true });
    await first.drop(A);
    same(await first.load(A), null);
    await first.append(B, [fault(10)]);
    await first.close();
    const second = await open();
    same(await second.list(), [B]);
    same(idsOf((await second.load(B))?.records), [9, 10]);
    await second.close();
  },

  "many appends at once share few writes": async ({ open, entries }) => {
    const journal = await open();
    const appends: Promise<void>[] = [];
    for (let i = 0; i < 1_000; i++) appends.push(journal.append(i % 2 === 0 ? A : B, [fault(i)]));
    await Promise.all(appends);
    await journal.close();
    const stored = await entries();
    if (stored > 4) throw new Error(`${stored} entries were written`);
  },

  "records that nobody waits for are written by themselves before long": async ({ open }) => {
    const journal = await open();
    await journal.append(A, [fault(1)], { soon: true });
    same(idsOf((await journal.load(A))?.records), [1]);
    await journal.close();
  },

  "after a failed write nothing more is written: a log ends, it never has a hole": async ({ open }) => {
    const journal = await open();
    const bad = { type: "receipt", callId: 1, receipt: new Uint8Array(3) } as const;
    same(journal.failed, false);
    await rejected(journal.append(A, [bad]));
    same(journal.failed, true);
    await rejected(journal.append(A, [fault(2)]));
    same(await journal.load(A), null);
    await journal.close();
  },

  "an entry that can't be read is reported as corrupt": async ({ open, spoil }) => {
    const journal = await open();
    await journal.append(A, [fault(1)]);
    await journal.close();
    await spoil(Uint8Array.of(1, 99));
    const again = await open();
    same(((await rejected(again.load(A))) as { code?: string }).code, "session/journal-corrupt");
    await again.close();
  },
};

function same(actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${is} is not ${should}`);
}

async function rejected(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (outcome === null) throw new Error("it did not fail");
  return outcome.error;
}
