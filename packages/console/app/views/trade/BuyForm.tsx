import { approveExact, buyCredits, buyCreditsWithPermit } from "@demec/chain";
import { isDemecError } from "@demec/protocol";
import { useEffect, useState } from "react";
import { useChain } from "../../chain/queries.ts";
import { quoteBuy, withSlippageUp } from "../../chain/quotes.ts";
import { CREDIT, formatBps, formatCredits, formatMoney, parseAmount } from "../../format.ts";
import { Amount, Credits, Field, Row, Rows, Value } from "../../ui/basics.tsx";
import type { Act } from "../../wallet/useTransact.ts";
import { QuickAmounts, Slippage, Submit } from "./parts.tsx";
import type { TradeContext } from "./useTrade.ts";

const QUICK = [1n, 10n, 100n].map((credits) => credits * CREDIT);

export function BuyForm(context: TradeContext) {
  const { service, money, standing, holding, feeBps, transact, onPreview } = context;
  const { deployment } = useChain();
  const [text, setText] = useState("10");
  const [slippageBps, setSlippageBps] = useState(100);
  const credits = parseAmount(text, 18) ?? 0n;
  useEffect(() => onPreview({ kind: "buy", credits }), [credits, onPreview]);

  const quote = feeBps === undefined ? undefined : quoteBuy(service, standing, credits, feeBps);
  const maxCost = quote ? withSlippageUp(quote.cost, slippageBps) : 0n;
  const tooDear = quote && holding !== undefined && quote.cost > holding.money;
  const wrong =
    parseAmount(text, 18) === null
      ? "Type a number of credits, such as 10 or 2.5."
      : quote === null
        ? "The market can't hold so many credits."
        : tooDear
          ? `This costs ${formatMoney(quote.cost, money.decimals)} ${money.symbol}; the wallet has ${formatMoney(holding.money, money.decimals)}.`
          : null;

  const buy = async ({ wallet, step }: Act) => {
    const { serviceId, paymentToken: token } = service;
    const label = `Buy ${formatCredits(credits)} credits`;
    const said = (cost: bigint) =>
      `Bought ${formatCredits(credits)} credits for ${formatMoney(cost, money.decimals)} ${money.symbol}.`;
    try {
      step(label);
      const { cost } = await buyCreditsWithPermit(wallet, deployment, { serviceId, credits, maxCost });
      return said(cost);
    } catch (error) {
      if (!isDemecError(error, "payment/method-unsupported")) throw error;
    }
    // The token knows no permits: an allowance first, and what is left of it taken back.
    const allow = (amount: bigint) => approveExact(wallet, deployment, { token, spender: deployment.market, amount });
    step(`Allow the market to take at most ${formatMoney(maxCost, money.decimals)} ${money.symbol}`);
    await allow(maxCost);
    step(label);
    const { cost } = await buyCredits(wallet, deployment, { serviceId, credits, maxCost });
    if (cost < maxCost) {
      step("Take back what is left of the allowance");
      await allow(0n);
    }
    return said(cost);
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void transact.run(buy);
      }}
    >
      <Field
        label="Buy"
        unit="credits"
        value={text}
        onChange={setText}
        error={wrong}
        hint={
          <>
            In your wallet: <Value of={holding}>{(held) => <Amount value={held.money} money={money} />}</Value>
          </>
        }
        aside={<QuickAmounts amounts={QUICK} onPick={setText} />}
      />
      <Rows>
        <Row label="Area under the curve">
          <Value of={quote ?? undefined}>{({ area }) => <Amount value={area} money={money} />}</Value>
        </Row>
        <Row label={feeBps === undefined ? "Market's fee" : `Market's fee, ${formatBps(feeBps)}`}>
          <Value of={quote ?? undefined}>{({ protocolFee }) => <Amount value={protocolFee} money={money} />}</Value>
        </Row>
        <Row label={`Publisher's royalty, ${formatBps(service.royaltyBps)}`}>
          <Value of={quote ?? undefined}>{({ royalty }) => <Amount value={royalty} money={money} />}</Value>
        </Row>
        <div className="total">
          <dt>You pay</dt>
          <dd>
            <Value of={quote ?? undefined}>{({ cost }) => <Amount value={cost} money={money} />}</Value>
          </dd>
        </div>
        <Row label={<Slippage bps={slippageBps} onChange={setSlippageBps} label="Never more than" sign="+" />}>
          <Amount value={maxCost} money={money} />
        </Row>
      </Rows>
      <Submit context={context} disabled={wrong !== null || credits === 0n || quote === undefined} kind="buy">
        Buy <Credits value={credits} />
      </Submit>
    </form>
  );
}
