import { placeLimitOrder } from "@demec/chain";
import { askOf, MIN_ORDER_CREDITS, TIPS_BPS, type TipBps, tickOf } from "@demec/protocol";
import { useEffect, useId, useState } from "react";
import { priceOf, useChain } from "../../chain/queries.ts";
import { formatBps, formatCredits, formatPrice, parseAmount } from "../../format.ts";
import { Credits, Field, Price, Row, Rows } from "../../ui/basics.tsx";
import type { Act } from "../../wallet/useTransact.ts";
import { Submit } from "./parts.tsx";
import { allOf } from "./SellForm.tsx";
import type { TradeContext } from "./useTrade.ts";

/** Enough that somebody finds it worth filling soon after the price is there. */
const USUAL_TIP: TipBps = 16;

export function LimitForm(context: TradeContext) {
  const { service, money, standing, holding, transact, onPreview } = context;
  const { deployment } = useChain();
  const [amount, setAmount] = useState("");
  const [price, setPrice] = useState("");
  const [tipBps, setTipBps] = useState<TipBps>(USUAL_TIP);
  const tipId = useId();
  const now = priceOf(service, standing);
  const owned = holding?.credits ?? 0n;
  const typed = parseAmount(amount, 18);
  const priceWad = parseAmount(price, money.decimals + 18);
  useEffect(() => onPreview(null), [onPreview]);

  // Prices have four digits, and amounts are whole lots of the price.
  const ask =
    priceWad !== null && priceWad > 0n && priceWad <= service.curve.y3 ? askOf(tickOf(priceWad, tipBps)) : null;
  const credits = typed === null || ask === null ? 0n : typed - (typed % ask.lot);
  const least = ask !== null && ask.lot > MIN_ORDER_CREDITS ? ask.lot : MIN_ORDER_CREDITS;
  const wrongPrice =
    price !== "" && priceWad === null
      ? "Type a price, such as 0.05."
      : priceWad !== null && priceWad > service.curve.y3
        ? `This service's price never passes ${formatPrice(service.curve.y3, money.decimals)} ${money.symbol}.`
        : null;
  const wrongAmount =
    amount !== "" && typed === null
      ? "Type a number of credits, such as 10."
      : typed !== null && holding !== undefined && typed > owned
        ? `You have ${formatCredits(owned)} credits of this service.`
        : typed !== null && ask !== null && credits < least
          ? `At this price an order has at least ${formatCredits(least)} credits.`
          : null;

  const place = async ({ wallet, step }: Act) => {
    step(`Offer ${formatCredits(credits)} credits at ${formatPrice(ask!.priceWad, money.decimals)} ${money.symbol}`);
    const { serviceId } = service;
    const placed = await placeLimitOrder(wallet, deployment, { serviceId, credits, priceWad: priceWad!, tipBps });
    return `Your order for ${formatCredits(placed.credits)} credits waits in the book.`;
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void transact.run(place).then((done) => done && setAmount(""));
      }}
    >
      <p className="note">
        Your credits wait in the order book and are sold once the price pays yours for every one of them. You can take
        back what has not been sold.
      </p>
      <Field
        label="Your price"
        unit={`${money.symbol} / credit`}
        value={price}
        onChange={setPrice}
        error={wrongPrice}
        placeholder={formatPrice(now, money.decimals)}
        hint={
          <>
            Now: <Price priceWad={now} money={money} />
          </>
        }
      />
      <Field
        label="Sell"
        unit="credits"
        value={amount}
        onChange={setAmount}
        error={wrongAmount}
        placeholder="0"
        hint={
          <>
            Yours: <Credits value={owned} />
          </>
        }
        aside={
          <button type="button" className="link" disabled={owned === 0n} onClick={() => setAmount(allOf(owned))}>
            all
          </button>
        }
      />
      <Rows>
        <Row label="Sold at least at">{ask === null ? "—" : <Price priceWad={ask.priceWad} money={money} />}</Row>
        <Row label={<label htmlFor={tipId}>Tip for whoever carries it out, at most</label>}>
          <select id={tipId} value={tipBps} onChange={(event) => setTipBps(Number(event.target.value) as TipBps)}>
            {TIPS_BPS.map((bps) => (
              <option key={bps} value={bps}>
                {formatBps(bps)}
              </option>
            ))}
          </select>
        </Row>
      </Rows>
      <Submit context={context} disabled={wrongPrice !== null || wrongAmount !== null || credits === 0n} kind="sell">
        Place order for <Credits value={credits} />
      </Submit>
    </form>
  );
}
