import type { Provider } from "@demec/chain";
import { Link } from "wouter";
import { useProviders } from "../chain/queries.ts";
import { formatAmount, formatCount, shortHex } from "../format.ts";
import { Card, Chip, Empty, ErrorNote, Loading, Page } from "../ui/basics.tsx";
import { failureOf } from "../wallet/useTransact.ts";
import { regionParts } from "./regions.ts";

/** A region with those who are in it. */
interface Region {
  readonly name: string;
  readonly providers: readonly Provider[];
}

/** Where computing can be bought: providers by the regions that they name. */
export default function MapView() {
  const { data: providers, isPending, isError, error, refetch } = useProviders();
  const areas = group(providers ?? [], 0);
  return (
    <Page
      title="Map"
      lead="Providers say themselves where they are. The wider a field, the more stake stands there; how fast they really answer is measured when you call."
    >
      {isError && <ErrorNote error={failureOf(error)} onRetry={() => void refetch()} />}
      {isPending && <Loading chars={24} />}
      {providers?.length === 0 && <Empty title="No providers yet" />}
      <div className="areas">
        {areas.map((area) => (
          <Card
            key={area.name}
            grow={weight(area, { name: "everywhere", providers: providers ?? [] })}
            title={area.name}
            note={`${plural(area.providers.length, "provider")}, ${formatAmount(stakeOf(area.providers), 18, 0)} DEMEC staked`}
          >
            <ul className="region-map">
              {group(area.providers, 1).map((place) => (
                <li key={place.name} style={{ flexGrow: weight(place, area) }}>
                  <h3>{place.name}</h3>
                  <ul>
                    {place.providers.map((provider) => (
                      <li key={provider.owner}>
                        <Link href={`/provider/${provider.owner}`} className="hex">
                          {shortHex(provider.owner)}
                        </Link>
                        <span className="number">
                          {formatAmount(stakeOf([provider]), 18, 0)}
                          <span className="unit"> DEMEC</span>
                        </span>
                        {!provider.active && <Chip tone="warn">inactive</Chip>}
                      </li>
                    ))}
                  </ul>
                </li>
              ))}
            </ul>
          </Card>
        ))}
      </div>
    </Page>
  );
}

const stakeOf = (providers: readonly Provider[]): bigint =>
  providers.reduce((sum, { staked, delegated }) => sum + staked + delegated, 0n);

/** Of the area's width, 1 to 10. */
function weight(place: Region, area: Region): number {
  const total = stakeOf(area.providers);
  return total === 0n ? 1 : 1 + Number((stakeOf(place.providers) * 9n) / total);
}

/** By the first part of their regions, or by all parts after it. A provider may be in several. */
function group(providers: readonly Provider[], from: 0 | 1): Region[] {
  const regions = new Map<string, Set<Provider>>();
  for (const provider of providers) {
    for (const region of provider.regions.length > 0 ? provider.regions : ["nowhere"]) {
      const [first, ...rest] = region === "nowhere" ? ["No region given"] : regionParts(region);
      const name = from === 0 ? first! : rest.reverse().join(", ") || first!;
      regions.set(name, (regions.get(name) ?? new Set()).add(provider));
    }
  }
  return [...regions]
    .map(([name, members]) => ({ name, providers: [...members] }))
    .sort((a, b) => (stakeOf(a.providers) > stakeOf(b.providers) ? -1 : 1));
}

const plural = (count: number, noun: string) => `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
