import { Link } from "wouter";
import { useEnrolled, useProviders } from "../../chain/queries.ts";
import { formatAmount, shortHex } from "../../format.ts";
import { Card, Chip, Empty, Loading } from "../../ui/basics.tsx";
import { regionName } from "../regions.ts";

/** Who runs a service. */
export function ServiceProviders({ serviceId }: { readonly serviceId: bigint }) {
  const enrolled = useEnrolled([serviceId]).get(serviceId);
  const { data: all } = useProviders();
  const providers = enrolled && all?.filter(({ owner }) => enrolled.includes(owner));
  return (
    <Card title="Providers" note="Their stake is a deposit that they lose in part if they provably cheat.">
      {providers === undefined && <Loading chars={24} />}
      {providers?.length === 0 && (
        <Empty title="Nobody runs it yet">Credits can be bought and sold all the same.</Empty>
      )}
      <ul className="lines">
        {providers?.map(({ owner, regions, staked, delegated, active }) => (
          <li key={owner}>
            <Link href={`/provider/${owner}`} className="hex">
              {shortHex(owner)}
            </Link>
            <span className="grow">{regions.map(regionName).join("; ") || "no region given"}</span>
            {!active && <Chip tone="warn">inactive</Chip>}
            <span className="number">
              {formatAmount(staked + delegated, 18, 0)}
              <span className="unit"> DEMEC</span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
