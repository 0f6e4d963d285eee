import type { Provider } from "@demec/chain";
import type { Address } from "@demec/protocol";
import { Link } from "wouter";
import { proveProvider } from "../chain/light.ts";
import { useChain, useProvider, useProviderRecord } from "../chain/queries.ts";
import { useProof } from "../chain/useProof.ts";
import { formatAmount, formatBps, formatCount, isAccount, shortHex } from "../format.ts";
import { Card, Chip, Empty, ErrorNote, HexText, Loading, Page, Row, Rows, Stat, Stats, Value } from "../ui/basics.tsx";
import { failureOf } from "../wallet/useTransact.ts";
import { ProofNote } from "./ProofNote.tsx";
import { Earnings } from "./provider/Earnings.tsx";
import { EnrolledServices } from "./provider/EnrolledServices.tsx";
import { StakeBar } from "./provider/StakeBar.tsx";
import { regionName } from "./regions.ts";
import { SessionList } from "./sessions/SessionList.tsx";

const demec = (amount: bigint) => (
  <>
    <data className="number" value={String(amount)}>
      {formatAmount(amount, 18, 2)}
    </data>
    <span className="unit"> DEMEC</span>
  </>
);

export default function ProviderView({ owner }: { readonly owner: string }) {
  if (isAccount(owner)) return <Known owner={owner} />;
  return <Empty title="This is no provider’s address">{<Link href="/providers">See all providers</Link>}</Empty>;
}

function Known({ owner }: { readonly owner: Address }) {
  const { data, isError, error } = useProvider(owner);
  const { data: record } = useProviderRecord(owner);
  const { client, deployment } = useChain();
  const proof = useProof(owner, (light) => proveProvider(client, deployment, light, owner));
  const provider = data?.provider;
  if (isError) return <ErrorNote error={failureOf(error)} />;
  if (provider !== undefined && !provider.registered) {
    return <Empty title="This account is no provider">{<Link href="/providers">See all providers</Link>}</Empty>;
  }
  const open = record?.sessions.filter(({ settlement }) => settlement === null);
  const ended = record?.sessions.filter(({ settlement }) => settlement !== null);
  return (
    <Page
      title={`Provider ${shortHex(owner)}`}
      lead={provider?.regions.map(regionName).join("; ")}
      aside={provider && <State provider={provider} />}
    >
      <Stats>
        <Stat label="Stake" note="its own and others’, put down as a deposit">
          <Value of={provider}>{({ staked, delegated }) => demec(staked + delegated)}</Value>
        </Stat>
        <Stat label="Sessions open" note="work that buyers have reserved">
          <Value of={open} chars={3}>
            {(sessions) => formatCount(sessions.length)}
          </Value>
        </Stat>
        <Stat label="Calls settled" note="of sessions that have ended">
          <Value of={record} chars={4}>
            {({ invocations }) => formatCount(invocations)}
          </Value>
        </Stat>
        <Stat label="Promises broken" note="calls that were too slow or failed">
          <Value of={record} chars={4}>
            {({ invocations, breaches }) => (
              <>
                {formatCount(breaches)}
                {invocations > 0n && <span className="unit"> of {formatCount(invocations)}</span>}
              </>
            )}
          </Value>
        </Stat>
      </Stats>
      <div className="two-columns">
        <div className="stack">
          <Card title="Stake" note="Bonds are the part that is locked behind open sessions.">
            {data === undefined ? <Loading chars={24} /> : <StakeBar provider={data.provider} />}
            {data !== undefined && (
              <Rows>
                <Row label="Its own">{demec(data.provider.staked)}</Row>
                <Row label="Delegated by others">{demec(data.provider.delegated)}</Row>
                <Row label="Locked in bonds">{demec(data.provider.bonded)}</Row>
                <Row label="Free for new sessions">{demec(data.provider.free)}</Row>
                {data.provider.unbonding > 0n && <Row label="Being withdrawn">{demec(data.provider.unbonding)}</Row>}
                <Row label="Keeps of delegators’ rewards">{formatBps(data.pool.commissionBps)}</Row>
                <Row label="Pays for borrowed stake">{formatBps(data.pool.premiumBps)}</Row>
              </Rows>
            )}
          </Card>
          <Card
            title="Keys"
            note="The hot key signs results; the node key proves who is at the other end of a connection."
          >
            {provider === undefined ? (
              <Loading chars={24} />
            ) : (
              <Rows>
                <Row label="Owner">
                  <HexText value={provider.owner} />
                </Row>
                <Row label="Signing key">
                  <HexText value={provider.operator} />
                </Row>
                <Row label="Node key">
                  <HexText value={provider.nodeKey} />
                </Row>
              </Rows>
            )}
            <ProofNote what="Keys and stake" proof={proof} />
          </Card>
        </div>
        <div className="stack">
          <Earnings owner={owner} record={record} />
          <EnrolledServices serviceIds={record?.serviceIds} />
          <SessionList title="Open sessions" sessions={open} empty="None is open" party="buyer" />
          {ended !== undefined && ended.length > 0 && (
            <SessionList title="Settled sessions" sessions={ended.slice(0, 12)} empty="" party="buyer" />
          )}
        </div>
      </div>
    </Page>
  );
}

const State = ({ provider }: { readonly provider: Provider }) =>
  provider.active ? <Chip tone="good">active</Chip> : <Chip tone="warn">takes no new sessions</Chip>;
