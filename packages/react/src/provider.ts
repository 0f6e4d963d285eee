import type { Deployment, WriteClient } from "@demec/chain";
import { createDemec, type Demec, MemoryVault, type NetworkPort, type SessionVault } from "@demec/sdk";
import type { ConnectedDemec } from "@demec/sdk/browser";
import { type Journal, MemoryJournal } from "@demec/session";
import { createContext, createElement, type ReactNode, useContext, useEffect, useState } from "react";
import { usePublicClient, useWalletClient } from "wagmi";
import { NO_NETWORK } from "./noNetwork.ts";

const DemecContext = createContext<Demec | null>(null);

export interface DemecProviderProps {
  readonly deployment: Deployment;
  /**
   * Makes the client of a wallet, as `connect` of `@demec/sdk/browser` does: a page that calls providers gives it, the same
   * function each time it renders. Instead of network, journal and vault.
   */
  readonly connect?: ((wallet: WriteClient) => Promise<ConnectedDemec>) | undefined;
  /** How providers are found and reached; without it a page buys and sells, and calls fail with `sdk/no-network`. */
  readonly network?: NetworkPort | undefined;
  /** Signed states and receipts; by default sessions end with the page. Goes together with `vault`. */
  readonly journal?: Journal | undefined;
  readonly vault?: SessionVault | undefined;
  readonly children?: ReactNode;
}

/** Makes a client of the SDK for wagmi's connected wallet, and another when the visitor changes it. */
export function DemecProvider(props: DemecProviderProps): ReactNode {
  const { deployment, connect, network = NO_NETWORK, children } = props;
  const [memory] = useState(() => ({ journal: new MemoryJournal(), vault: new MemoryVault() }));
  const { journal = memory.journal, vault = memory.vault } = props;
  const client = usePublicClient({ chainId: deployment.chainId });
  const { data: wallet } = useWalletClient({ chainId: deployment.chainId });
  const [demec, setDemec] = useState<Demec | null>(null);
  const [failure, setFailure] = useState<{ readonly error: unknown } | null>(null);
  useEffect(() => {
    if (client === undefined || wallet === undefined) return;
    if (connect === undefined) {
      const made = createDemec({ client, wallet, deployment, network, journal, vault });
      setDemec(made);
      return () => {
        setDemec(null);
        made.release().catch(() => undefined);
      };
    }
    let isCurrent = true;
    const connecting = connect(wallet);
    connecting.then(
      (connected) => isCurrent && setDemec(connected),
      (error) => isCurrent && setFailure({ error }),
    );
    return () => {
      isCurrent = false;
      setDemec(null);
      // Nobody is left to hear that it could not be made, or closed.
      connecting.then((connected) => connected.close()).catch(() => undefined);
    };
  }, [client, wallet, deployment, connect, network, journal, vault]);
  // To the error boundary around it, which can offer to try again.
  if (failure !== null) throw failure.error;
  return createElement(DemecContext.Provider, { value: demec }, children);
}

/** The connected wallet's client, for what no hook does; null while no wallet is connected. */
export function useDemec(): Demec | null {
  return useContext(DemecContext);
}
