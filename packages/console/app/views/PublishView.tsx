import { createService } from "@demec/chain";
import type { CurvePoints } from "@demec/protocol";
import { useState } from "react";
import { useConnection } from "wagmi";
import { useLocation } from "wouter";
import { useChain, useMetadata, useMoney, useServices, useTermsOfAll } from "../chain/queries.ts";
import { CurveEditor } from "../curve/CurveEditor.tsx";
import { isAccount } from "../format.ts";
import { Card, Field, Page, Segments } from "../ui/basics.tsx";
import { TransactNote } from "../wallet/TransactNote.tsx";
import { useTransact } from "../wallet/useTransact.ts";
import { WalletButton } from "../wallet/WalletButton.tsx";
import { CodeFields } from "./publish/CodeFields.tsx";
import { CurveTable } from "./publish/CurveTable.tsx";
import { complaintsOf, type Draft, FIRST_DRAFT, firstCurve, termsOf } from "./publish/draft.ts";
import { useKeptDraft } from "./publish/useKeptDraft.ts";

/** Puts a service together and publishes it. */
export default function PublishView() {
  const { deployment } = useChain();
  const { isConnected } = useConnection();
  const { data: services } = useServices();
  const [, navigate] = useLocation();
  const transact = useTransact();
  const [draft, setDraft] = useKeptDraft(FIRST_DRAFT);
  const [isAsked, setAsked] = useState(false);
  const [chosen, setExisting] = useState<bigint | null>(null);
  const terms = useTermsOfAll(services?.map(({ serviceId }) => serviceId) ?? []);
  const existingId = chosen ?? services?.at(-1)?.serviceId;
  const metadata = useMetadata(existingId);
  const existingTerms = existingId === undefined ? undefined : terms.get(existingId);
  const existing = metadata && existingTerms && { terms: existingTerms, metadata };
  // Until another is named: the money in which other services are paid.
  const filled: Draft = { ...draft, paymentToken: draft.paymentToken || (existingTerms?.paymentToken ?? "") };
  const { data: money } = useMoney(isAccount(filled.paymentToken) ? filled.paymentToken : undefined);
  const [curve, setCurve] = useState<CurvePoints | null>(null);
  const drawnCurve = curve ?? (money && firstCurve(money.decimals));
  const complaints = complaintsOf(filled, existing);
  const said = isAsked ? complaints : {};
  const set = (field: keyof Draft) => (text: string) => setDraft({ ...draft, [field]: text });
  const field = (name: keyof Draft) => ({ value: filled[name], onChange: set(name), error: said[name] ?? null });

  const publish = async () => {
    setAsked(true);
    if (Object.keys(complaints).length > 0 || drawnCurve === undefined) return;
    let serviceId: bigint | null = null;
    const done = await transact.run(async ({ wallet, step }) => {
      step(`Publish ${filled.name}`);
      serviceId = (await createService(wallet, deployment, termsOf(filled, drawnCurve, existing))).serviceId;
      return "Published.";
    });
    if (!done || serviceId === null) return;
    setDraft(FIRST_DRAFT);
    navigate(`/service/${serviceId}`);
  };

  return (
    <Page
      title="Publish a service"
      lead="Choose a program, what its use costs, and what is promised. Once published, nothing of it can be changed, by you or by anybody: buyers know what they get."
    >
      <Card
        title="Price curve"
        note="The price of the next credit, by how many credits are in circulation. What buyers pay stays in a reserve, so that every credit can always be sold back along the same curve."
      >
        {money === undefined || drawnCurve === undefined ? (
          <div className="chart-space" />
        ) : (
          <div className="editor-layout">
            <CurveEditor curve={drawnCurve} money={money} onChange={setCurve} />
            <CurveTable curve={drawnCurve} money={money} />
          </div>
        )}
      </Card>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void publish();
        }}
      >
        <div className="two-columns">
          <div className="stack">
            <Card title="What it is">
              <Field label="Name" numeric={false} {...field("name")} />
              <Field
                label="Description"
                numeric={false}
                hint="One sentence: what goes in, what comes out."
                {...field("description")}
              />
            </Card>
            <Card title="The program">
              <Segments
                label="Where the program comes from"
                options={[
                  ["existing", "As in a service"],
                  ["known", "By its hash"],
                  ["own", "Buyers bring it"],
                ]}
                value={filled.code}
                onChange={set("code")}
              />
              <CodeFields
                draft={filled}
                field={field}
                services={services ?? []}
                existingId={existingId}
                onExisting={setExisting}
              />
            </Card>
            <Card title="What a call uses" note="Credits are taken for work done, counted instruction by instruction.">
              <Field label="A million integer operations" unit="credits" {...field("integer")} />
              <Field label="A million floating-point operations" unit="credits" {...field("floating")} />
              <Field label="A megabyte in or out" unit="credits" {...field("megabyte")} />
            </Card>
          </div>
          <div className="stack">
            <Card title="What is promised">
              <Field label="Answers within" unit="ms" hint="0: no promise." {...field("maxLatencyMs")} />
              <Field
                label="Money back when every call breaks it"
                unit="%"
                hint="Less in proportion when fewer do."
                {...field("rebate")}
              />
              <Field label="Provider’s deposit for each credit" unit="DEMEC" {...field("bond")} />
              <Field label="Time to object when one side closes alone" unit="hours" {...field("challengeHours")} />
              <Field label="Your royalty on every purchase" unit="%" hint="At most 20 %." {...field("royalty")} />
              <Field
                label="Paid in"
                numeric={false}
                hint={money && `Token ${money.symbol}.`}
                {...field("paymentToken")}
              />
            </Card>
          </div>
        </div>
        {isConnected ? (
          <button type="submit" className="primary wide" disabled={transact.isBusy}>
            Publish for good
          </button>
        ) : (
          <WalletButton wide />
        )}
        {isAsked && Object.keys(complaints).length > 0 && (
          <p className="message bad" role="alert">
            Some fields need another look; they say what is wrong.
          </p>
        )}
        <TransactNote transact={transact} />
      </form>
    </Page>
  );
}
