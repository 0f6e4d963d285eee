import type { Service } from "@demec/chain";
import { useState } from "react";
import type { Money, Standing } from "../../chain/queries.ts";
import { Card, Segments } from "../../ui/basics.tsx";
import { BuyForm } from "./BuyForm.tsx";
import { LimitForm } from "./LimitForm.tsx";
import { SellForm } from "./SellForm.tsx";
import { SellToPriceForm } from "./SellToPriceForm.tsx";
import { type TradeContext, useTradeContext } from "./useTrade.ts";

const FORMS = { buy: BuyForm, sell: SellForm, toPrice: SellToPriceForm, limit: LimitForm } as const;
type Kind = keyof typeof FORMS;
const KINDS = [
  ["buy", "Buy"],
  ["sell", "Sell"],
  ["toPrice", "Sell to price"],
  ["limit", "Limit"],
] as const satisfies readonly (readonly [Kind, string])[];

export function TradePanel(props: {
  service: Service;
  money: Money;
  standing: Standing;
  onPreview: TradeContext["onPreview"];
}) {
  const [kind, setKind] = useState<Kind>("buy");
  const context = useTradeContext(props.service, props.money, props.standing);
  const Form = FORMS[kind];
  const choose = (next: Kind) => {
    setKind(next);
    context.transact.reset();
  };
  return (
    <Card className="trade">
      <Segments<Kind> label="Kind of trade" options={KINDS} value={kind} onChange={choose} />
      <Form key={kind} {...context} onPreview={props.onPreview} />
    </Card>
  );
}
