import type { Service } from "@demec/chain";
import { useConnection } from "wagmi";
import { type Holding, type Money, type Standing, useHolding, useProtocolFeeBps } from "../../chain/queries.ts";
import type { TypedTrade } from "../../curve/domain.ts";
import { useTransact } from "../../wallet/useTransact.ts";

/** What every form of a trade needs. */
export interface TradeContext {
  readonly service: Service;
  readonly money: Money;
  readonly standing: Standing;
  readonly holding: Holding | undefined;
  readonly feeBps: number | undefined;
  readonly isConnected: boolean;
  readonly transact: ReturnType<typeof useTransact>;
  /** Tells the chart what is being typed. */
  readonly onPreview: (trade: TypedTrade | null) => void;
}

export function useTradeContext(service: Service, money: Money, standing: Standing): Omit<TradeContext, "onPreview"> {
  const { isConnected } = useConnection();
  const { data: holding } = useHolding(service);
  const { data: feeBps } = useProtocolFeeBps();
  const transact = useTransact();
  return { service, money, standing, holding, feeBps, isConnected, transact };
}
