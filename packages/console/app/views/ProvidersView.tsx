import { useState } from "react";
import { Link } from "wouter";
import { useProviders } from "../chain/queries.ts";
import { formatAmount, shortHex } from "../format.ts";
import { Card, Chip, Empty, ErrorNote, Field, Loading, Page } from "../ui/basics.tsx";
import { failureOf } from "../wallet/useTransact.ts";
import { regionName } from "./regions.ts";

/** Everybody who sells computing here. */
export default function ProvidersView() {
  const providers = useProviders();
  const [words, setWords] = useState("");
  const sought = words.toLowerCase();
  const shown = providers.data
    ?.filter(({ owner, regions }) => `${owner} ${regions.map(regionName).join(" ")}`.toLowerCase().includes(sought))
    .sort((a, b) => (total(a) > total(b) ? -1 : 1));
  return (
    <Page
      title="Providers"
      lead={
        <>
          They run the services on their machines. Each has put down a <dfn>stake</dfn>, a deposit in DEMEC tokens: part
          of it is locked behind every session, and lost if the provider provably cheats.
        </>
      }
    >
      {providers.isError && <ErrorNote error={failureOf(providers.error)} onRetry={() => void providers.refetch()} />}
      <Card>
        <Field label="Search" value={words} onChange={setWords} numeric={false} placeholder="Region or address" />
        {providers.isPending && <Loading chars={24} />}
        {shown?.length === 0 && <Empty title="No provider like that" />}
        <ul className="lines tall">
          {shown?.map((provider) => (
            <li key={provider.owner}>
              <span className="grow">
                <Link href={`/provider/${provider.owner}`} className="hex">
                  {shortHex(provider.owner)}
                </Link>
                <span className="below">{provider.regions.map(regionName).join("; ") || "no region given"}</span>
              </span>
              <Chip {...(provider.active ? { tone: "good" } : { tone: "warn" })}>
                {provider.active ? "active" : "takes no new sessions"}
              </Chip>
              <span className="amount-cell">
                <span className="number">{formatAmount(total(provider), 18, 0)}</span>
                <span className="unit"> DEMEC stake</span>
              </span>
            </li>
          ))}
        </ul>
      </Card>
    </Page>
  );
}

const total = ({ staked, delegated }: { readonly staked: bigint; readonly delegated: bigint }) => staked + delegated;
