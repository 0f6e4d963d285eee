import type { ReactNode } from "react";
import { formatBps, formatCredits, plainAmount } from "../../format.ts";
import { TransactNote } from "../../wallet/TransactNote.tsx";
import { WalletButton } from "../../wallet/WalletButton.tsx";
import type { TradeContext } from "./useTrade.ts";

const SLIPPAGES_BPS = [10, 50, 100, 300] as const;

/** Amounts to pick from. */
export const QuickAmounts = (props: {
  amounts: readonly bigint[];
  labels?: readonly string[];
  onPick: (text: string) => void;
}) => (
  <span className="quick">
    {props.amounts.map((amount, index) => (
      <button
        key={props.labels?.[index] ?? String(amount)}
        type="button"
        className="link"
        onClick={() => props.onPick(plainAmount(amount, 18))}
      >
        {props.labels?.[index] ?? formatCredits(amount)}
      </button>
    ))}
  </span>
);

/** How far the price may move against the visitor before the trade is called off. */
export const Slippage = ({
  sign,
  ...props
}: {
  bps: number;
  onChange: (bps: number) => void;
  label: string;
  sign: "+" | "−";
}) => (
  <label className="slippage">
    {props.label}{" "}
    <select value={props.bps} onChange={(event) => props.onChange(Number(event.target.value))}>
      {SLIPPAGES_BPS.map((bps) => (
        <option key={bps} value={bps}>
          {sign}
          {formatBps(bps)}
        </option>
      ))}
    </select>
  </label>
);

/** The button of a trade; without a wallet, the one that connects it. */
export function Submit(props: { context: TradeContext; disabled: boolean; kind: "buy" | "sell"; children: ReactNode }) {
  const { isConnected, transact } = props.context;
  return (
    <>
      {isConnected ? (
        <button type="submit" className={`primary wide ${props.kind}`} disabled={props.disabled || transact.isBusy}>
          {props.children}
        </button>
      ) : (
        <WalletButton wide />
      )}
      <TransactNote transact={transact} />
    </>
  );
}
