import type { Provider, Service } from "@demec/chain";
import { useDeferredValue, useId, useState } from "react";
import { Link } from "wouter";
import {
  priceOf,
  type ServiceEntry,
  type Standing,
  useEnrolled,
  useMoney,
  useProviders,
  useServices,
  useStandingOfAll,
  useTermsOfAll,
} from "../chain/queries.ts";
import { Sparkline } from "../curve/Sparkline.tsx";
import { serviceTitle } from "../format.ts";
import { Chip, Credits, Empty, ErrorNote, Loading, Page, Price, Value } from "../ui/basics.tsx";
import { Icon } from "../ui/Icon.tsx";
import { failureOf } from "../wallet/useTransact.ts";

const ORDERS = {
  newest: "newest first",
  cheapest: "lowest price",
  largest: "most credits in use",
  providers: "most providers",
} as const;
type Order = keyof typeof ORDERS;

interface Line {
  readonly entry: ServiceEntry;
  readonly terms: Service | undefined;
  readonly standing: Standing | undefined;
  readonly providers: readonly Provider[] | undefined;
}

/** What the market offers. */
export function Overview() {
  const services = useServices();
  const [words, setWords] = useState("");
  const [order, setOrder] = useState<Order>("newest");
  const sought = useDeferredValue(words).toLowerCase().split(/\s+/).filter(Boolean);
  const ids = services.data?.map(({ serviceId }) => serviceId) ?? [];
  const terms = useTermsOfAll(ids);
  const standings = useStandingOfAll(ids);
  const enrolled = useEnrolled(ids);
  const { data: providers } = useProviders();
  const lines = services.data?.map((entry, index): Line => {
    const owners = enrolled.get(entry.serviceId);
    return {
      entry,
      terms: terms.get(entry.serviceId),
      standing: standings[index],
      providers: owners && providers?.filter(({ owner, active }) => active && owners.includes(owner)),
    };
  });
  const shown = lines?.filter(({ entry }) => matches(entry, sought)).sort(BY[order]);
  const searchId = useId();
  return (
    <Page
      title="Services"
      lead={
        <>
          Each service runs a function on other people’s machines. You pay with <dfn>credits</dfn>: one credit is a
          fixed amount of computing work, and what you don’t use you sell back.
        </>
      }
      aside={
        <Link href="/publish" className="button">
          <Icon name="publish" /> Publish a service
        </Link>
      }
    >
      <div className="filters">
        <div className="input">
          <Icon name="search" />
          <label className="hidden" htmlFor={searchId}>
            Search services
          </label>
          <input
            id={searchId}
            type="search"
            placeholder="Search by name or description"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        </div>
        <label>
          <span className="hidden">Order</span>
          <select value={order} onChange={(event) => setOrder(event.target.value as Order)}>
            {Object.entries(ORDERS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {services.isError && <ErrorNote error={failureOf(services.error)} onRetry={() => void services.refetch()} />}
      {services.isPending && <SkeletonLines />}
      {shown !== undefined && shown.length > 0 && (
        <div className="listing">
          <div className="listing-head" aria-hidden="true">
            <span>Service</span>
            <span>Price now</span>
            <span>Price curve</span>
            <span>Credits in circulation</span>
            <span>Providers</span>
          </div>
          <ul>
            {shown.map((line) => (
              <ServiceLine key={String(line.entry.serviceId)} {...line} />
            ))}
          </ul>
        </div>
      )}
      {shown?.length === 0 &&
        (sought.length > 0 ? (
          <Empty title="No service has these words">Try fewer of them.</Empty>
        ) : (
          <Empty title="No services yet">
            Be the first: <Link href="/publish">publish one</Link>, or run <code>demec deploy</code>.
          </Empty>
        ))}
    </Page>
  );
}

function ServiceLine({ entry: { serviceId, metadata }, terms, standing, providers }: Line) {
  const { data: money } = useMoney(terms?.paymentToken);
  const ready = terms !== undefined && standing !== undefined && money !== undefined;
  const priceWad = ready ? priceOf(terms, standing) : undefined;
  const regions = [...new Set(providers?.flatMap(({ regions }) => regions.map((region) => region.split("-")[0]!)))];
  return (
    <li>
      <div className="service-name">
        <Link href={`/service/${serviceId}`}>{serviceTitle(serviceId, metadata)}</Link>
        <p>{metadata.description ?? "No description."}</p>
      </div>
      <div>
        <span className="cell-label">Price now</span>
        <Value of={priceWad} chars={12}>
          {(price) => <Price priceWad={price} money={money!} />}
        </Value>
      </div>
      <div className="wide-only">
        {ready ? (
          <Sparkline curve={terms.curve} priceWad={priceWad!} supply={standing.supply} decimals={money.decimals} />
        ) : (
          <Loading chars={10} />
        )}
      </div>
      <div>
        <span className="cell-label">In circulation</span>
        <Value of={standing}>{({ supply }) => <Credits value={supply} />}</Value>
      </div>
      <div>
        <span className="cell-label">Providers</span>
        <Value of={providers} chars={6}>
          {(all) => (
            <span className="providers">
              <span className="number">{all.length}</span>
              {regions.map((region) => (
                <Chip key={region}>{region.toUpperCase()}</Chip>
              ))}
              {all.length === 0 && <Chip tone="warn">none</Chip>}
            </span>
          )}
        </Value>
      </div>
    </li>
  );
}

const SkeletonLines = () => (
  <div className="listing" aria-busy="true">
    <ul>
      {[0, 1, 2].map((line) => (
        <li key={line}>
          <Loading chars={20} />
        </li>
      ))}
    </ul>
  </div>
);

function matches({ serviceId, metadata }: ServiceEntry, words: readonly string[]): boolean {
  const text = `${serviceId} ${metadata.name} ${metadata.description ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

const descending = (a: bigint | number, b: bigint | number) => (a === b ? 0 : a > b ? -1 : 1);
const price = ({ terms, standing }: Line) => (terms && standing ? priceOf(terms, standing) : 0n);
const newest = (a: Line, b: Line) => descending(a.entry.serviceId, b.entry.serviceId);
const BY: Readonly<Record<Order, (a: Line, b: Line) => number>> = {
  newest,
  cheapest: (a, b) => descending(price(b), price(a)) || newest(a, b),
  largest: (a, b) => descending(a.standing?.supply ?? 0n, b.standing?.supply ?? 0n) || newest(a, b),
  providers: (a, b) => descending(a.providers?.length ?? 0, b.providers?.length ?? 0) || newest(a, b),
};
