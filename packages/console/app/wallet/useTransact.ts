import { toDemecError, type WriteClient } from "@demec/chain";
import { type DemecError, isDemecError } from "@demec/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import type { Hex } from "viem";
import { useConnection, usePublicClient } from "wagmi";
import { useSettings } from "../settings.ts";
import { trackedWallet } from "./trackedWallet.ts";

/** Where an action stands. */
export type TransactState =
  | { readonly phase: "idle" }
  | { readonly phase: "preparing"; readonly step: string }
  /** The wallet asks its owner to sign, or to send. */
  | { readonly phase: "asking"; readonly step: string }
  | { readonly phase: "sent"; readonly step: string; readonly hash: Hex }
  | { readonly phase: "done"; readonly said: string; readonly hash: Hex | null }
  | { readonly phase: "failed"; readonly error: Failure };

/** What went wrong and what to do about it, one sentence each. */
export interface Failure {
  readonly what: string;
  readonly next: string;
  readonly code: string | null;
}

export interface Act {
  readonly wallet: WriteClient;
  /** Says what comes next: shown while it is done, and beside the transaction. */
  readonly step: (label: string) => void;
}

/**
 * Does something with the connected wallet, step by step, and tells where it stands. Transactions are noted as soon as they
 * are sent.
 */
export function useTransact() {
  const { deployment, chainId } = useSettings();
  const { address, connector } = useConnection();
  const client = usePublicClient({ chainId });
  const queries = useQueryClient();
  const [state, setState] = useState<TransactState>({ phase: "idle" });
  const busy = useRef(false);

  const run = useCallback(
    async (work: (act: Act) => Promise<string>): Promise<boolean> => {
      if (busy.current || address === undefined || connector === undefined || client === undefined) return false;
      busy.current = true;
      let step = "";
      let last: Hex | null = null;
      const tell = (label: string) => {
        step = label;
        setState({ phase: "preparing", step });
      };
      try {
        const wallet = trackedWallet({
          ...{ address, connector, chainId: deployment.chainId },
          read: (request) => client.request(request as never),
          label: () => step,
          onAsking: () => setState({ phase: "asking", step }),
          onAnswered: (hash) => {
            last = hash ?? last;
            setState(hash === null ? { phase: "preparing", step } : { phase: "sent", step, hash });
          },
        });
        const said = await work({ wallet, step: tell });
        setState({ phase: "done", said, hash: last });
        return true;
      } catch (error) {
        setState({ phase: "failed", error: failureOf(error) });
        return false;
      } finally {
        busy.current = false;
        await queries.invalidateQueries();
      }
    },
    [address, connector, client, deployment, queries],
  );
  const reset = useCallback(() => setState({ phase: "idle" }), []);
  const isBusy = state.phase === "preparing" || state.phase === "asking" || state.phase === "sent";
  return { state, run, reset, isBusy };
}

/** An error as its reader needs it. */
export function failureOf(error: unknown): Failure {
  if (isDeclined(error)) {
    return { what: "You declined in the wallet.", next: "Nothing was sent. Try again when you are ready.", code: null };
  }
  const known: DemecError = isDemecError(error) ? error : toDemecError(error);
  return { what: known.message.split(` [${known.code}]`)[0]!, next: known.next, code: known.code };
}

/** EIP-1193's 4001, wherever in the chain of causes it stands. */
function isDeclined(error: unknown): boolean {
  for (let cause = error; typeof cause === "object" && cause !== null; cause = (cause as Error).cause) {
    if ((cause as { code?: unknown }).code === 4001) return true;
  }
  return false;
}
