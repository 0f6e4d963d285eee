import type { SessionRecord } from "@demec/chain";
import { formatServiceName } from "@demec/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { useBuyer } from "../../buyer/BuyerProvider.tsx";
import { useBudget } from "../../buyer/useBudget.ts";
import { useLedger } from "../../buyer/useLedger.ts";
import { proveSession } from "../../chain/light.ts";
import { useChain, useMoney, useServiceTitle } from "../../chain/queries.ts";
import { useProof } from "../../chain/useProof.ts";
import { formatCount, formatCredits, formatDuration, formatMoney, shortHex } from "../../format.ts";
import { Amount, Card, Credits, ErrorNote, HexText, Row, Rows } from "../../ui/basics.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { type Failure, failureOf } from "../../wallet/useTransact.ts";
import { ProofNote } from "../ProofNote.tsx";
import { DownloadReceipts } from "./DownloadReceipts.tsx";

/** The open sessions of one service: live usage, what has been signed, and the way out. */
export function OpenSessions(props: {
  serviceId: bigint;
  sessions: readonly SessionRecord[];
  /** Told what came of closing them: they are shown elsewhere then. */
  onLeft: (said: string) => void;
}) {
  const { serviceId, sessions, onLeft } = props;
  const { data: money } = useMoney(sessions[0]?.params.paymentToken);
  const { deployment } = useChain();
  const buyer = useBuyer();
  // The service may be called again later: it is the same then.
  const budget = useBudget(serviceId);
  const queries = useQueryClient();
  const [leaving, setLeaving] = useState<"idle" | "busy" | Failure>("idle");
  const title = useServiceTitle(serviceId);

  const leave = async (sellBack: boolean) => {
    setLeaving("busy");
    try {
      const service = await buyer.service(formatServiceName({ ...deployment, serviceId }), budget!.budget);
      if (!sellBack) {
        await service.close();
        onLeft("Closed. What was not used has come back to you as a claim in the market.");
      } else {
        const { sale, withdrawn, sessions: left } = await service.close({ sellBack: true });
        const waiting = left.find((progress) => progress.type === "closing");
        const sold = sale === null ? "" : `Sold ${formatCredits(sale.credits)} credits. `;
        const paid =
          money === undefined ? "" : `${formatMoney(withdrawn, money.decimals)} ${money.symbol} are in your wallet.`;
        const later =
          waiting?.type === "closing"
            ? ` A provider did not answer: its session can be finished in ${formatDuration(Math.max(0, Number(waiting.deadline) - Date.now() / 1000))}.`
            : "";
        onLeft(`${sold}${paid}${later}`);
      }
      setLeaving("idle");
    } catch (error) {
      setLeaving(failureOf(error));
    } finally {
      void queries.invalidateQueries();
    }
  };

  return (
    <Card
      title={title}
      aside={
        <Link href={`/try/${serviceId}`} className="button">
          <Icon name="play" /> Call it
        </Link>
      }
    >
      {sessions.map((session) => (
        <OpenSession key={session.sessionId} session={session} />
      ))}
      {buyer.state.phase === "ready" && (
        <div className="actions">
          <button
            type="button"
            className="primary"
            disabled={leaving === "busy" || budget === undefined}
            onClick={() => void leave(true)}
          >
            Close and sell everything back
          </button>
          <button type="button" disabled={leaving === "busy" || budget === undefined} onClick={() => void leave(false)}>
            Close only
          </button>
        </div>
      )}
      <div className="transact" aria-live="polite">
        {leaving === "busy" && (
          <p className="message busy">Asking the providers for a last state; your wallet may ask you to confirm.</p>
        )}
        {typeof leaving === "object" && <ErrorNote error={leaving} />}
      </div>
    </Card>
  );
}

function OpenSession({ session: { sessionId, params } }: { readonly session: SessionRecord }) {
  const { data: money } = useMoney(params.paymentToken);
  const { data: ledger } = useLedger(sessionId);
  const proof = useProof(sessionId, (light) => proveSession(light, { sessionId, params }));
  const signed = ledger?.signed?.state;
  const used = signed?.creditsUsed ?? 0n;
  const share = Number((used * 10_000n) / params.credits) / 100;
  return (
    <div className="session">
      <p>
        With provider{" "}
        <Link href={`/provider/${params.provider}`} className="hex">
          {shortHex(params.provider)}
        </Link>
      </p>
      <div className="meter" role="img" aria-label={`${share} % of the credits are used`}>
        <span style={{ inlineSize: `${Math.max(share, used > 0n ? 0.5 : 0)}%` }} />
      </div>
      <Rows>
        <Row label="Used, signed by both sides">
          <Credits value={used} unit={false} />
          <span className="unit"> of </span>
          <Credits value={params.credits} />
        </Row>
        <Row label="Calls signed for">
          <data className="number" value={String(signed?.invocations ?? 0n)}>
            {formatCount(signed?.invocations ?? 0n)}
          </data>
          {(signed?.breaches ?? 0n) > 0n && (
            <span className="unit">, {formatCount(signed!.breaches)} broke a promise</span>
          )}
        </Row>
        <Row label="Results not signed for yet">
          <span className="number">{formatCount(ledger?.unsigned ?? 0)}</span>
        </Row>
        <Row label="Newest signed state">{signed === undefined ? "none yet" : `number ${signed.seq}`}</Row>
        <Row label="In escrow">{money !== undefined && <Amount value={params.value} money={money} />}</Row>
        <Row label="Session">
          <HexText value={sessionId} />
        </Row>
        {ledger === null && (
          <Row label="In this browser">nothing: it was opened elsewhere, and can be closed there</Row>
        )}
      </Rows>
      <ProofNote what="This session" proof={proof} />
      {signed !== undefined && <DownloadReceipts sessionId={sessionId} />}
    </div>
  );
}
