import { useState } from "react";
import { Link } from "wouter";
import { priceOf, useHolding, useMetadata, useMoney, useStanding, useTerms } from "../chain/queries.ts";
import { CurveChart, type CurveChartProps } from "../curve/CurveChart.tsx";
import { serviceTitle } from "../format.ts";
import {
  Amount,
  Card,
  Credits,
  Empty,
  ErrorNote,
  HexText,
  Loading,
  Page,
  Price,
  Stat,
  Stats,
  Value,
} from "../ui/basics.tsx";
import { Icon } from "../ui/Icon.tsx";
import { failureOf } from "../wallet/useTransact.ts";
import { ClaimNote } from "./ClaimNote.tsx";
import { OrderBook } from "./service/OrderBook.tsx";
import { ServiceProviders } from "./service/ServiceProviders.tsx";
import { ServiceTerms } from "./service/ServiceTerms.tsx";
import { Trades } from "./service/Trades.tsx";
import { TradePanel } from "./trade/TradePanel.tsx";

/** One service: its price, its terms, and trading its credits. */
export function ServiceView({ id }: { readonly id: string }) {
  const isNumber = /^\d{1,70}$/.test(id);
  return isNumber ? <KnownService serviceId={BigInt(id)} /> : <NoService />;
}

const NoService = () => (
  <Empty title="There is no such service">
    <Link href="/">See all services</Link>
  </Empty>
);

function KnownService({ serviceId }: { readonly serviceId: bigint }) {
  const terms = useTerms(serviceId);
  const metadata = useMetadata(serviceId);
  const standing = useStanding(serviceId);
  const { data: money } = useMoney(terms.data?.paymentToken);
  const holding = useHolding(terms.data);
  const [preview, setPreview] = useState<CurveChartProps["trade"]>(null);
  if (terms.isError) {
    const error = failureOf(terms.error);
    return error.code === "chain/unknown-service" ? <NoService /> : <ErrorNote error={error} />;
  }
  const service = terms.data;
  const ready = service !== undefined && standing.data !== undefined && money !== undefined;
  return (
    <Page
      title={serviceTitle(serviceId, metadata)}
      lead={metadata?.description}
      aside={
        <Link href={`/try/${serviceId}`} className="button">
          <Icon name="play" /> Try it
        </Link>
      }
    >
      <Stats>
        <Stat label="Price now" note="one credit more costs this, before fees">
          {ready ? <Price priceWad={priceOf(service, standing.data)} money={money} per={false} /> : <Loading />}
        </Stat>
        <Stat label="In circulation" note="bought and neither used nor sold back">
          <Value of={standing.data}>{({ supply }) => <Credits value={supply} />}</Value>
        </Stat>
        <Stat label="Reserve" note="what all of them would bring if sold back now">
          {ready ? <Amount value={standing.data.reserve} money={money} /> : <Loading />}
        </Stat>
        <Stat
          label="Your credits"
          note={holding.data === undefined ? "connect a wallet to see them" : "in your wallet, not in sessions"}
        >
          {holding.data === undefined ? "—" : <Credits value={holding.data.credits} />}
        </Stat>
      </Stats>
      {money !== undefined && holding.data !== undefined && holding.data.claim > 0n && (
        <ClaimNote money={money} claim={holding.data.claim} />
      )}
      <div className="trade-layout">
        <Card
          title="Price curve"
          note="Buying moves along the curve to the right, selling to the left; the area below is what it costs."
          className="chart-card"
        >
          {ready ? (
            <CurveChart
              curve={service.curve}
              money={money}
              supply={standing.data.supply}
              owned={holding.data?.credits ?? 0n}
              trade={preview}
            />
          ) : (
            <div className="chart-space" />
          )}
        </Card>
        {ready ? (
          <TradePanel service={service} money={money} standing={standing.data} onPreview={setPreview} />
        ) : (
          <Card className="trade">
            <Loading chars={20} />
          </Card>
        )}
      </div>
      {ready && (
        <div className="two-columns">
          <ServiceTerms service={service} money={money} {...(metadata && { metadata })} />
          <div className="stack">
            <ServiceProviders serviceId={serviceId} />
            <OrderBook service={service} money={money} />
            <Trades serviceId={serviceId} money={money} />
          </div>
        </div>
      )}
      {service !== undefined && (
        <p className="note">
          Service number {String(serviceId)} of the market, published by <HexText value={service.publisher} />
        </p>
      )}
    </Page>
  );
}
