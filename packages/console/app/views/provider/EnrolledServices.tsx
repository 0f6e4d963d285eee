import { Link } from "wouter";
import { priceOf, useMoney, useServiceTitle, useStanding, useTerms } from "../../chain/queries.ts";
import { CREDIT, formatCredits, formatPrice } from "../../format.ts";
import { Card, Empty, Loading } from "../../ui/basics.tsx";

/** Services that a provider runs, and what work is worth in each. */
export function EnrolledServices({ serviceIds }: { readonly serviceIds: readonly bigint[] | undefined }) {
  return (
    <Card
      title="Services it runs"
      note="What a million integer operations cost a buyer there: the service’s rate times its price now."
    >
      {serviceIds === undefined && <Loading chars={24} />}
      {serviceIds?.length === 0 && <Empty title="None" />}
      <ul className="lines">
        {serviceIds?.map((serviceId) => (
          <ServiceRate key={String(serviceId)} serviceId={serviceId} />
        ))}
      </ul>
    </Card>
  );
}

function ServiceRate({ serviceId }: { readonly serviceId: bigint }) {
  const title = useServiceTitle(serviceId);
  const { data: terms } = useTerms(serviceId);
  const { data: standing } = useStanding(serviceId);
  const { data: money } = useMoney(terms?.paymentToken);
  const ready = terms !== undefined && standing !== undefined && money !== undefined;
  return (
    <li>
      <Link href={`/service/${serviceId}`} className="grow">
        {title}
      </Link>
      {ready ? (
        <span className="amount-cell">
          <span className="number">{formatCredits(terms.tariff.a)}</span>
          <span className="unit"> credits, </span>
          <span className="number">
            {formatPrice((terms.tariff.a * priceOf(terms, standing)) / CREDIT, money.decimals)}
          </span>
          <span className="unit"> {money.symbol}</span>
        </span>
      ) : (
        <Loading />
      )}
    </li>
  );
}
