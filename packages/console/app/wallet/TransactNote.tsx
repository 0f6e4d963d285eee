import { ErrorNote, HexText } from "../ui/basics.tsx";
import { Icon } from "../ui/Icon.tsx";
import type { useTransact } from "./useTransact.ts";

/** Where an action with the wallet stands, in words. It keeps its place while there is nothing to say. */
export function TransactNote({ transact }: { readonly transact: ReturnType<typeof useTransact> }) {
  const { state } = transact;
  return (
    <div className="transact" aria-live="polite">
      {state.phase === "preparing" && <p className="message busy">{state.step}: asking the chain …</p>}
      {state.phase === "asking" && <p className="message busy">{state.step}: confirm it in your wallet.</p>}
      {state.phase === "sent" && (
        <div className="message busy">
          <p>{state.step}: sent, waiting for a block.</p>
          <HexText value={state.hash} />
        </div>
      )}
      {state.phase === "done" && (
        <div className="message good">
          <Icon name="check" />
          <p>{state.said}</p>
        </div>
      )}
      {state.phase === "failed" && <ErrorNote error={state.error} />}
    </div>
  );
}
