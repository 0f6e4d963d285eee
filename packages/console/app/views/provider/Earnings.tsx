import { claimOf } from "@demec/chain";
import type { Address } from "@demec/protocol";
import { useQuery } from "@tanstack/react-query";
import type { ProviderRecord } from "../../chain/providerRecord.ts";
import { useChain, useMoney } from "../../chain/queries.ts";
import { Amount, Card, Empty, Loading, Row, Rows, Value } from "../../ui/basics.tsx";

/** What settled sessions have paid, by currency, and how much of it is still in the market. */
export function Earnings({ owner, record }: { readonly owner: Address; readonly record: ProviderRecord | undefined }) {
  return (
    <Card title="Earnings" note="Paid by sessions that have ended.">
      {record === undefined && <Loading chars={24} />}
      {record?.earned.size === 0 && <Empty title="Nothing yet">Earnings show here once a session is settled.</Empty>}
      {[...(record?.earned ?? [])].map(([token, earned]) => (
        <OfToken key={token} owner={owner} token={token} earned={earned} />
      ))}
    </Card>
  );
}

function OfToken({
  owner,
  token,
  earned,
}: {
  readonly owner: Address;
  readonly token: Address;
  readonly earned: bigint;
}) {
  const { client, deployment } = useChain();
  const { data: money } = useMoney(token);
  const { data: claim } = useQuery({
    queryKey: ["live", "providerClaim", owner, token],
    queryFn: () => claimOf(client, deployment, { token, account: owner }),
  });
  if (money === undefined) return <Loading />;
  return (
    <Rows>
      <div className="total">
        <dt>Earned in all</dt>
        <dd>
          <Amount value={earned} money={money} />
        </dd>
      </div>
      <Row label="Of it still to be withdrawn">
        <Value of={claim}>{(value) => <Amount value={value} money={money} />}</Value>
      </Row>
    </Rows>
  );
}
