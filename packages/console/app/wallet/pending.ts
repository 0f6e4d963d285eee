// Transactions that were sent, kept in storage until somebody has seen how they ended: no reload loses one.
import type { Hex } from "viem";

const KEY = "demec:transactions";
/** Ended ones that are kept. */
const KEPT = 12;

export interface Transaction {
  readonly hash: Hex;
  readonly chainId: number;
  readonly account: string;
  /** What it does, for people. */
  readonly label: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly status: TransactionStatus;
}

/** Overdue: in no block for long, so that it may have been dropped. Replaced: its sender gave its place to another. */
export type TransactionStatus = "sent" | "overdue" | "mined" | "failed" | "replaced";

/** Whether it may still be mined. */
export const isWaiting = ({ status }: Transaction): boolean => status === "sent" || status === "overdue";

type Listener = () => void;
const listeners = new Set<Listener>();
let known: readonly Transaction[] = read();

function read(): readonly Transaction[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

function write(next: readonly Transaction[]): void {
  const ended = next.filter((transaction) => !isWaiting(transaction)).slice(-KEPT);
  known = next.filter((transaction) => isWaiting(transaction) || ended.includes(transaction));
  localStorage.setItem(KEY, JSON.stringify(known));
  for (const listener of listeners) listener();
}

export const transactions = {
  /** Another tab may have sent some too. */
  subscribe(listener: Listener): () => void {
    const fromElsewhere = (event: StorageEvent) => {
      if (event.key !== KEY) return;
      known = read();
      listener();
    };
    listeners.add(listener);
    window.addEventListener("storage", fromElsewhere);
    return () => {
      listeners.delete(listener);
      window.removeEventListener("storage", fromElsewhere);
    };
  },
  all: (): readonly Transaction[] => known,
  add(transaction: Omit<Transaction, "status" | "sentAt">): void {
    write([...read(), { ...transaction, status: "sent", sentAt: Date.now() }]);
  },
  mark(hash: Hex, status: TransactionStatus): void {
    write(read().map((transaction) => (transaction.hash === hash ? { ...transaction, status } : transaction)));
  },
  /** All but those that are on their way. What is overdue may be given up. */
  forget(): void {
    write(read().filter(({ status }) => status === "sent"));
  },
};
