import { sellToPrice } from "@demec/chain";
import { useEffect, useState } from "react";
import { priceOf, useChain } from "../../chain/queries.ts";
import { quoteSell, sellableAt } from "../../chain/quotes.ts";
import { formatCredits, formatMoney, formatPrice, parseAmount } from "../../format.ts";
import { Amount, Credits, Field, Price, Row, Rows } from "../../ui/basics.tsx";
import type { Act } from "../../wallet/useTransact.ts";
import { Submit } from "./parts.tsx";
import type { TradeContext } from "./useTrade.ts";

export function SellToPriceForm(context: TradeContext) {
  const { service, money, standing, holding, transact, onPreview } = context;
  const { deployment } = useChain();
  const [text, setText] = useState("");
  const decimals = money.decimals + 18;
  const leastWad = parseAmount(text, decimals);
  const owned = holding?.credits ?? 0n;
  const credits = leastWad === null ? 0n : sellableAt(service, standing, owned, leastWad);
  const proceeds = quoteSell(service, standing, credits) ?? 0n;
  useEffect(() => onPreview({ kind: "sell", credits }), [credits, onPreview]);

  const now = priceOf(service, standing);
  const wrong =
    text !== "" && leastWad === null
      ? "Type a price, such as 0.012."
      : leastWad !== null && leastWad > now
        ? `The price now is ${formatPrice(now, money.decimals)} ${money.symbol}: to wait for a higher one, place a limit order.`
        : null;

  const sell = async ({ wallet, step }: Act) => {
    step(`Sell down to ${formatPrice(leastWad!, money.decimals)} ${money.symbol} per credit`);
    const { serviceId } = service;
    const sale = await sellToPrice(wallet, deployment, { serviceId, minPriceWad: leastWad!, maxCredits: owned });
    return `Sold ${formatCredits(sale.credits)} credits; ${formatMoney(sale.proceeds, money.decimals)} ${money.symbol} wait for you in the market.`;
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void transact.run(sell);
      }}
    >
      <p className="note">
        Sells your credits one after the other, and stops where the next one would bring less than your least price.
      </p>
      <Field
        label="Least price of every credit"
        unit={`${money.symbol} / credit`}
        value={text}
        onChange={setText}
        error={wrong}
        placeholder={formatPrice(now / 2n, money.decimals)}
        hint={
          <>
            Now: <Price priceWad={now} money={money} />
          </>
        }
      />
      <Rows>
        <Row label="Sells">
          <Credits value={credits} />
        </Row>
        <div className="total">
          <dt>You get</dt>
          <dd>
            <Amount value={proceeds} money={money} />
          </dd>
        </div>
        <Row label="Paid out">kept for you in the market until you withdraw</Row>
      </Rows>
      <Submit context={context} disabled={wrong !== null || credits === 0n} kind="sell">
        Sell <Credits value={credits} />
      </Submit>
    </form>
  );
}
