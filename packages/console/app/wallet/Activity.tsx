import { ERROR_TABLE } from "@demec/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useBlocks, useChain } from "../chain/queries.ts";
import { HexText } from "../ui/basics.tsx";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { followTransaction } from "./followTransaction.ts";
import { isWaiting, type Transaction, type TransactionStatus, transactions } from "./pending.ts";

/** Transactions that were sent from here, in this page or before it was loaded again, until their ends are known. */
export function Activity() {
  const { deployment } = useChain();
  useBlocks();
  const known = useSyncExternalStore(transactions.subscribe, transactions.all);
  const [isOpen, setOpen] = useState(false);
  const here = known.filter(({ chainId }) => chainId === deployment.chainId);
  const waiting = here.filter(isWaiting);
  if (here.length === 0) return null;
  return (
    <aside className="activity" aria-label="Transactions">
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {waiting.length > 0 ? `${waiting.length} on the way` : "Transactions"}
      </button>
      {waiting.map((transaction) => (
        <Follower key={transaction.hash} transaction={transaction} />
      ))}
      {isOpen && (
        <div className="activity-list">
          <ul>
            {[...here].reverse().map((transaction) => (
              <Entry key={transaction.hash} transaction={transaction} />
            ))}
          </ul>
          <button type="button" className="link" onClick={() => transactions.forget()}>
            Clear the list
          </button>
        </div>
      )}
    </aside>
  );
}

/** Follows a transaction, once it is there and for as long as it is. */
function Follower({ transaction }: { readonly transaction: Transaction }) {
  const { client } = useChain();
  const queries = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: that it is overdue makes it no other transaction
  useEffect(() => {
    const stop = new AbortController();
    void followTransaction(client, transaction, stop.signal).then(() => queries.invalidateQueries());
    return () => stop.abort();
  }, [client, queries, transaction.hash]);
  return null;
}

const WORDS: Readonly<Record<TransactionStatus, string>> = {
  sent: "waiting for a block",
  overdue: `in no block yet. ${ERROR_TABLE["chain/transaction-overdue"].next}`,
  mined: "done",
  failed: "failed: nothing changed",
  replaced: `replaced. ${ERROR_TABLE["chain/transaction-replaced"].next}`,
};
const ICONS: Readonly<Record<TransactionStatus, IconName>> = {
  ...{ sent: "system", overdue: "alert", mined: "check", failed: "cross", replaced: "cross" },
};

function Entry({ transaction: { hash, label, status } }: { readonly transaction: Transaction }) {
  return (
    <li className={status}>
      <Icon name={ICONS[status]} />
      <div>
        <p>{label}</p>
        <p className="note">
          {WORDS[status]} · <HexText value={hash} />
        </p>
      </div>
    </li>
  );
}
