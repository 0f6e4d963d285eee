import type { SessionRecord } from "@demec/chain";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useMoney, useServiceTitle } from "../../chain/queries.ts";
import { formatCount, shortHex } from "../../format.ts";
import { Amount, Card, Credits, Empty, Loading } from "../../ui/basics.tsx";

/** Sessions in short: the service, the other side, what went in and what came of it. */
export function SessionList(props: {
  title: string;
  sessions: readonly SessionRecord[] | undefined;
  empty: string;
  /** Who of both is named. */
  party: "buyer" | "provider";
  children?: ReactNode;
}) {
  return (
    <Card title={props.title}>
      {props.sessions === undefined && <Loading chars={24} />}
      {props.sessions?.length === 0 && <Empty title={props.empty}>{props.children}</Empty>}
      <ul className="lines tall">
        {props.sessions?.map((session) => (
          <Line key={session.sessionId} session={session} party={props.party} />
        ))}
      </ul>
    </Card>
  );
}

function Line({
  session: { params, settlement },
  party,
}: {
  readonly session: SessionRecord;
  readonly party: "buyer" | "provider";
}) {
  const title = useServiceTitle(params.serviceId);
  const { data: money } = useMoney(params.paymentToken);
  const other = params[party];
  return (
    <li>
      <span className="grow">
        <Link href={`/service/${params.serviceId}`}>{title}</Link>
        <span className="below">
          {party}{" "}
          {party === "provider" ? (
            <Link href={`/provider/${other}`} className="hex">
              {shortHex(other)}
            </Link>
          ) : (
            <span className="hex">{shortHex(other)}</span>
          )}
        </span>
      </span>
      {settlement === null ? (
        <span className="amount-cell">
          <Credits value={params.credits} />
          <span className="below">
            {money !== undefined && <Amount value={params.value} money={money} />} in escrow
          </span>
        </span>
      ) : (
        <span className="amount-cell">
          <Credits value={settlement.state.creditsUsed} /> used in {calls(settlement.state.invocations)}
          <span className="below">
            {money !== undefined && (
              <>
                <Amount value={settlement.providerAmount} money={money} /> to the provider,{" "}
                <Amount value={settlement.buyerAmount} money={money} /> back
              </>
            )}
          </span>
        </span>
      )}
    </li>
  );
}

const calls = (count: bigint) => `${formatCount(count)} call${count === 1n ? "" : "s"}`;
