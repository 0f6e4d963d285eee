import type { SessionRecord } from "@demec/chain";
import { useState } from "react";
import { useConnection } from "wagmi";
import { Link } from "wouter";
import { BuyerGate } from "../buyer/BuyerGate.tsx";
import { useBuyerSessions } from "../chain/queries.ts";
import { Card, Empty, ErrorNote, Page } from "../ui/basics.tsx";
import { Icon } from "../ui/Icon.tsx";
import { failureOf } from "../wallet/useTransact.ts";
import { WalletButton } from "../wallet/WalletButton.tsx";
import { OpenSessions } from "./sessions/OpenSessions.tsx";
import { SessionList } from "./sessions/SessionList.tsx";

/** The visitor's sessions: what is reserved, what has been used and signed, what has ended. */
export default function SessionsView() {
  const { address } = useConnection();
  const [said, setSaid] = useState<string | null>(null);
  const { data: sessions, isError, error } = useBuyerSessions(address);
  return (
    <Page
      title="Your sessions"
      lead={
        <>
          A <dfn>session</dfn> reserves credits with one provider. Calls are counted off chain and signed by both sides;
          at the end the provider is paid for what was used, and the rest comes back to you.
        </>
      }
    >
      {address === undefined && (
        <Card>
          <Empty title="Connect a wallet to see its sessions" />
          <WalletButton wide />
        </Card>
      )}
      {isError && <ErrorNote error={failureOf(error)} />}
      {address !== undefined && (
        <>
          {said !== null && (
            <div className="message good" role="status">
              <Icon name="check" />
              <p>{said}</p>
            </div>
          )}
          <Opened onLeft={setSaid} sessions={sessions?.filter(({ settlement }) => settlement === null)} />
          <SessionList
            title="Ended"
            sessions={sessions?.filter(({ settlement }) => settlement !== null)}
            empty="None has ended yet"
            party="provider"
          />
        </>
      )}
    </Page>
  );
}

/** Open sessions by service. Signing and closing need this tab to own them. */
function Opened(props: { sessions: readonly SessionRecord[] | undefined; onLeft: (said: string) => void }) {
  const { sessions, onLeft } = props;
  if (sessions === undefined || sessions.length === 0) {
    return (
      <SessionList title="Open" sessions={sessions} empty="No session is open" party="provider">
        <Link href="/try">Try a service</Link>: the first call opens one.
      </SessionList>
    );
  }
  const serviceIds = [...new Set(sessions.map(({ params }) => params.serviceId))];
  return (
    <BuyerGate>
      {serviceIds.map((serviceId) => (
        <OpenSessions
          key={String(serviceId)}
          serviceId={serviceId}
          onLeft={onLeft}
          sessions={sessions.filter(({ params }) => params.serviceId === serviceId)}
        />
      ))}
    </BuyerGate>
  );
}
