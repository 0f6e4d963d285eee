import type { Service } from "@demec/sdk";
import type { PageDemec } from "@demec/sdk/browser";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useConnection, usePublicClient } from "wagmi";
import { lightOptionsOf } from "../chain/light.ts";
import { useSettings } from "../settings.ts";
import { trackedWallet } from "../wallet/trackedWallet.ts";
import { type Failure, failureOf } from "../wallet/useTransact.ts";

/** The visitor as a buyer: journal, session keys and connections to providers, all of this tab. */
export type BuyerState =
  /** No wallet, or nobody has asked for it yet. */
  | { readonly phase: "idle" }
  | { readonly phase: "opening" }
  | { readonly phase: "ready"; readonly demec: PageDemec }
  /** Another tab has the sessions now. */
  | { readonly phase: "elsewhere" }
  | { readonly phase: "failed"; readonly error: Failure };

interface Buyer {
  readonly state: BuyerState;
  /** Opens what a buyer needs, once. A tab that has it is asked to hand it over. */
  readonly open: () => void;
  /** A service of this buyer: the same object for as long as the buyer is open. */
  readonly service: (name: string, budget: bigint) => Promise<Service>;
}

const BuyerContext = createContext<Buyer | null>(null);

export function useBuyer(): Buyer {
  const buyer = useContext(BuyerContext);
  if (buyer === null) throw new Error("There is no buyer above this component.");
  return buyer;
}

export function BuyerProvider({ children }: { readonly children: ReactNode }) {
  const settings = useSettings();
  const { chainId } = settings;
  const { address, connector } = useConnection();
  const client = usePublicClient({ chainId });
  const [state, setState] = useState<BuyerState>({ phase: "idle" });
  const current = useRef<{ close: () => void; services: Map<string, Promise<Service>> } | null>(null);

  const open = useCallback(() => {
    if (current.current !== null || address === undefined || connector === undefined || client === undefined) return;
    const stop = new AbortController();
    let opened: PageDemec | null = null;
    const mine = {
      services: new Map<string, Promise<Service>>(),
      close: () => {
        stop.abort();
        void opened?.close();
      },
    };
    current.current = mine;
    const isMine = () => current.current === mine;
    const begin = async () => {
      setState({ phase: "opening" });
      const { connect } = await import("@demec/sdk/browser");
      const { deployment, rpcUrls, guides } = settings;
      const light = lightOptionsOf(settings);
      const read = (request: { method: string; params?: unknown }) => client.request(request as never);
      const wallet = trackedWallet({ address, connector, chainId, read });
      opened = await connect({
        ...{ wallet, rpcUrls, deployment, guides, light },
        store: "demec-console",
        signal: stop.signal,
      });
      if (!isMine()) return void opened.close();
      setState({ phase: "ready", demec: opened });
      const why = await opened.ended;
      if (!isMine()) return;
      current.current = null;
      setState({ phase: why === "handedOver" ? "elsewhere" : "idle" });
    };
    begin().catch((error: unknown) => {
      if (!isMine()) return;
      current.current = null;
      setState({ phase: "failed", error: failureOf(error) });
    });
  }, [address, connector, client, chainId, settings]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another wallet is another buyer
  useEffect(
    () => () => {
      current.current?.close();
      current.current = null;
      setState({ phase: "idle" });
    },
    [address, connector, client],
  );

  const service = useCallback(
    (name: string, budget: bigint): Promise<Service> => {
      const services = current.current?.services;
      if (services === undefined || state.phase !== "ready") throw new Error("The buyer is not open.");
      const known = services.get(name);
      if (known !== undefined) return known;
      const asked = state.demec.service(name, { budget });
      services.set(name, asked);
      asked.catch(() => services.delete(name));
      return asked;
    },
    [state],
  );

  const buyer = useMemo(() => ({ state, open, service }), [state, open, service]);
  return <BuyerContext.Provider value={buyer}>{children}</BuyerContext.Provider>;
}
