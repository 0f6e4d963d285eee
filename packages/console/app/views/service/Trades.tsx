import { type Money, useTrades } from "../../chain/queries.ts";
import { shortHex } from "../../format.ts";
import { Amount, Card, Chip, Credits, Empty, Loading } from "../../ui/basics.tsx";

const SHOWN = 8;

/** The last purchases and sales. */
export function Trades({ serviceId, money }: { readonly serviceId: bigint; readonly money: Money }) {
  const { data: trades, isPending } = useTrades(serviceId);
  return (
    <Card title="Last trades">
      {isPending && <Loading chars={24} />}
      {trades?.length === 0 && <Empty title="Nobody has traded yet" />}
      <ul className="lines">
        {trades?.slice(0, SHOWN).map((trade) => (
          <li key={`${trade.blockNumber} ${trade.logIndex}`}>
            <Chip tone={trade.kind === "bought" ? "good" : "warn"}>{trade.kind}</Chip>
            <span className="grow">
              <Credits value={trade.credits} /> for <Amount value={trade.money} money={money} />
            </span>
            <span className="note hex" title={trade.account}>
              {shortHex(trade.account)}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
