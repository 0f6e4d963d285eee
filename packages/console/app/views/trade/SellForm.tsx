import { sellCredits } from "@demec/chain";
import { useEffect, useState } from "react";
import { useChain } from "../../chain/queries.ts";
import { quoteSell, withSlippageDown } from "../../chain/quotes.ts";
import { formatCredits, formatMoney, parseAmount, plainAmount } from "../../format.ts";
import { Amount, Credits, Field, Row, Rows, Value } from "../../ui/basics.tsx";
import type { Act } from "../../wallet/useTransact.ts";
import { QuickAmounts, Slippage, Submit } from "./parts.tsx";
import type { TradeContext } from "./useTrade.ts";

export function SellForm(context: TradeContext) {
  const { service, money, standing, holding, transact, onPreview } = context;
  const { deployment } = useChain();
  const [text, setText] = useState("");
  const [slippageBps, setSlippageBps] = useState(100);
  const parsed = parseAmount(text, 18);
  const credits = parsed ?? 0n;
  useEffect(() => onPreview({ kind: "sell", credits }), [credits, onPreview]);

  const owned = holding?.credits ?? 0n;
  const proceeds = quoteSell(service, standing, credits);
  const least = proceeds === null ? 0n : withSlippageDown(proceeds, slippageBps);
  const wrong =
    text !== "" && parsed === null
      ? "Type a number of credits, such as 10 or 2.5."
      : holding !== undefined && credits > owned
        ? `You have ${formatCredits(owned)} credits of this service.`
        : null;

  const sell = async ({ wallet, step }: Act) => {
    step(`Sell ${formatCredits(credits)} credits`);
    const sale = await sellCredits(wallet, deployment, { serviceId: service.serviceId, credits, minProceeds: least });
    return `Sold ${formatCredits(sale.credits)} credits for ${formatMoney(sale.proceeds, money.decimals)} ${money.symbol}.`;
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void transact.run(sell).then((done) => done && setText(""));
      }}
    >
      <Field
        label="Sell"
        unit="credits"
        value={text}
        onChange={setText}
        error={wrong}
        placeholder="0"
        hint={
          <>
            Yours: <Value of={holding}>{(held) => <Credits value={held.credits} />}</Value>
          </>
        }
        aside={
          <QuickAmounts
            amounts={owned > 0n ? [owned / 4n, owned / 2n, owned] : []}
            labels={["¼", "½", "all"]}
            onPick={setText}
          />
        }
      />
      <Rows>
        <div className="total">
          <dt>You get</dt>
          <dd>
            <Amount value={proceeds ?? 0n} money={money} />
          </dd>
        </div>
        <Row label={<Slippage bps={slippageBps} onChange={setSlippageBps} label="Never less than" sign="−" />}>
          <Amount value={least} money={money} />
        </Row>
        <Row label="Fee">none: selling is always free</Row>
      </Rows>
      <Submit context={context} disabled={wrong !== null || credits === 0n || proceeds === null} kind="sell">
        Sell <Credits value={credits} />
      </Submit>
    </form>
  );
}

/** All of it, as a field has it. */
export const allOf = (credits: bigint): string => plainAmount(credits, 18);
