import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { getTransactionReceipt } from "viem/actions";
import { useChain } from "../chain/queries.ts";
import { HexText } from "../ui/basics.tsx";
import { Icon } from "../ui/Icon.tsx";
import { type Transaction, transactions } from "./pending.ts";

/** Transactions that were sent from here, in this page or before it was loaded again, until their ends are known. */
export function Activity({ block }: { readonly block: bigint | undefined }) {
  const { client, deployment } = useChain();
  const queries = useQueryClient();
  const known = useSyncExternalStore(transactions.subscribe, transactions.all);
  const [isOpen, setOpen] = useState(false);
  const here = known.filter(({ chainId }) => chainId === deployment.chainId);
  const waiting = here.filter(({ status }) => status === "sent");

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new block is when a transaction may have been mined
  useEffect(() => {
    for (const { hash } of waiting) {
      getTransactionReceipt(client, { hash })
        .then(({ status }) => {
          transactions.end(hash, status === "success" ? "mined" : "failed");
          void queries.invalidateQueries();
        })
        // Not mined yet.
        .catch(() => undefined);
    }
  }, [block, waiting.length, client, queries]);

  if (here.length === 0) return null;
  return (
    <aside className="activity" aria-label="Transactions">
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {waiting.length > 0 ? `${waiting.length} on the way` : "Transactions"}
      </button>
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

const WORDS = { sent: "waiting for a block", mined: "done", failed: "failed: nothing changed" } as const;

function Entry({ transaction: { hash, label, status } }: { readonly transaction: Transaction }) {
  return (
    <li className={status}>
      <Icon name={status === "mined" ? "check" : status === "failed" ? "cross" : "system"} />
      <div>
        <p>{label}</p>
        <p className="note">
          {WORDS[status]} · <HexText value={hash} />
        </p>
      </div>
    </li>
  );
}
