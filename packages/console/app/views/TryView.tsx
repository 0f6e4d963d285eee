import { useId, useState } from "react";
import { Link, useLocation } from "wouter";
import { BuyerGate } from "../buyer/BuyerGate.tsx";
import { useBudget } from "../buyer/useBudget.ts";
import { priceOf, useHolding, useMetadata, useMoney, useServices, useStanding, useTerms } from "../chain/queries.ts";
import { formatBytes, formatMoney, parseAmount, plainAmount, serviceTitle } from "../format.ts";
import {
  Amount,
  Card,
  Credits,
  Empty,
  ErrorNote,
  Field,
  Page,
  Price,
  Row,
  Rows,
  Segments,
  Value,
} from "../ui/basics.tsx";
import { Icon } from "../ui/Icon.tsx";
import { PaymentProofNote } from "./ProofNote.tsx";
import { ResultCard } from "./try/ResultCard.tsx";
import { useTrial } from "./try/useTrial.ts";
import { VerificationCard } from "./try/VerificationCard.tsx";

/** Largest file that is sent with a call. */
const MOST_BYTES = 8_000_000;

/** A service's function, called from this page. */
export default function TryView({ id }: { readonly id: string | undefined }) {
  const { data: services } = useServices();
  const [, navigate] = useLocation();
  const serviceId = id !== undefined && /^\d{1,70}$/.test(id) ? BigInt(id) : services?.at(-1)?.serviceId;
  const selectId = useId();
  return (
    <Page
      title="Try it"
      lead="Run a service’s function from this page, without a server between you and the provider, and check the proof of its result."
    >
      {services?.length === 0 && (
        <Empty title="No services yet">
          <Link href="/publish">Publish one</Link>
        </Empty>
      )}
      {services !== undefined && services.length > 0 && (
        <div className="filters">
          <label htmlFor={selectId} className="label try-label">
            Service
          </label>
          <select id={selectId} value={String(serviceId)} onChange={(event) => navigate(`/try/${event.target.value}`)}>
            {services.map((entry) => (
              <option key={String(entry.serviceId)} value={String(entry.serviceId)}>
                {serviceTitle(entry.serviceId, entry.metadata)}
              </option>
            ))}
          </select>
        </div>
      )}
      <BuyerGate>{serviceId !== undefined && <Panel key={String(serviceId)} serviceId={serviceId} />}</BuyerGate>
    </Page>
  );
}

function Panel({ serviceId }: { readonly serviceId: bigint }) {
  const { data: terms } = useTerms(serviceId);
  const { data: money } = useMoney(terms?.paymentToken);
  const { data: standing } = useStanding(serviceId);
  const { data: holding } = useHolding(terms);
  const metadata = useMetadata(serviceId);
  const { trial, run, cancel } = useTrial(serviceId);
  const [kind, setKind] = useState<"text" | "file">("text");
  const [text, setText] = useState("hello, edge");
  const [file, setFile] = useState<File | null>(null);
  const [args, setArgs] = useState("");
  const [limit, setLimit] = useState<string | null>(null);
  const textId = useId();
  const fileId = useId();
  const ready = terms !== undefined && money !== undefined && standing !== undefined;
  const proposal = useBudget(serviceId);
  const proposed = proposal && money ? plainAmount(proposal.budget, money.decimals) : "";
  const budget = money === undefined ? null : parseAmount(limit ?? proposed, money.decimals);
  const isRunning = trial.phase === "running";
  const tooLarge = file !== null && file.size > MOST_BYTES;
  const call = async () => {
    const input = kind === "file" && file !== null ? new Uint8Array(await file.arrayBuffer()) : text;
    await run(input, args.trim() === "" ? [] : args.trim().split(/\s+/), budget ?? 0n);
  };
  return (
    <div className="trade-layout try">
      <div className="stack">
        <Card title="Input" {...(metadata?.description !== undefined && { note: metadata.description })}>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void call();
            }}
          >
            <Segments
              label="What goes in"
              options={[
                ["text", "Text"],
                ["file", "A file"],
              ]}
              value={kind}
              onChange={setKind}
            />
            {kind === "text" ? (
              <div>
                <label htmlFor={textId} className="hidden">
                  Text
                </label>
                <textarea id={textId} value={text} onChange={(event) => setText(event.target.value)} />
              </div>
            ) : (
              <div className="file">
                <label htmlFor={fileId} className="button wide">
                  <Icon name="file" />
                  <span>{file === null ? "Choose a file" : `${file.name}, ${formatBytes(file.size)}`}</span>
                </label>
                <input
                  id={fileId}
                  type="file"
                  className="hidden"
                  onChange={(event) => setFile(event.target.files?.[0] ?? null)}
                />
                {tooLarge && <p className="hint wrong">At most {formatBytes(MOST_BYTES)} can be sent from here.</p>}
              </div>
            )}
            {metadata?.shape === "command" && (
              <Field
                label="Arguments"
                numeric={false}
                value={args}
                onChange={setArgs}
                hint="As on a command line, between spaces."
              />
            )}
            <div className="actions">
              <button
                type="submit"
                className="primary grow"
                disabled={isRunning || !ready || budget === null || (kind === "file" && (file === null || tooLarge))}
              >
                <Icon name="play" /> {isRunning ? "Running …" : "Run"}
              </button>
              {isRunning && (
                <button type="button" onClick={cancel}>
                  Cancel
                </button>
              )}
            </div>
            {isRunning && (
              <p className="message busy" aria-live="polite">
                The first call finds a provider and opens a session with it, which your wallet confirms; later ones take
                milliseconds.
              </p>
            )}
            {trial.phase === "failed" && <ErrorNote error={trial.error} />}
          </form>
        </Card>
        {trial.phase === "done" && money !== undefined && <ResultCard done={trial} money={money} />}
        {trial.phase === "done" && <VerificationCard verified={trial.verified} />}
      </div>
      <Card title="What it costs">
        <Rows>
          <Row label="Price now">{ready ? <Price priceWad={priceOf(terms, standing)} money={money} /> : "…"}</Row>
          <Row label="Your credits">
            <Value of={holding}>{(held) => <Credits value={held.credits} />}</Value>
          </Row>
          <Row label="In your wallet">
            {money !== undefined && <Value of={holding}>{(held) => <Amount value={held.money} money={money} />}</Value>}
          </Row>
        </Rows>
        <p className="note">
          A session takes one credit. What calls don’t use comes back when it is closed, under{" "}
          <Link href="/sessions">Sessions</Link>.
        </p>
        <PaymentProofNote />
        <Field
          label="May buy missing credits for at most"
          unit={money?.symbol ?? ""}
          value={limit ?? proposed}
          onChange={setLimit}
          error={budget === null && limit !== null ? "Type an amount, such as 0.05." : null}
          hint={
            money !== undefined && proposal !== undefined
              ? `A credit costs about ${formatMoney(proposal.perSession, money.decimals)} ${money.symbol}, fees included. Holds from the first call on.`
              : ""
          }
        />
      </Card>
    </div>
  );
}
