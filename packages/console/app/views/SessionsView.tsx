import { useConnection } from "wagmi";
import { Link } from "wouter";
import { useBuyerSessions } from "../chain/queries.ts";
import { Card, Empty, ErrorNote, Page } from "../ui/basics.tsx";
import { failureOf } from "../wallet/useTransact.ts";
import { WalletButton } from "../wallet/WalletButton.tsx";
import { SessionList } from "./sessions/SessionList.tsx";

/** The visitor's sessions: what is reserved, what has been used and signed, what has ended. */
export default function SessionsView() {
  const { address } = useConnection();
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
          <SessionList
            title="Open"
            sessions={sessions?.filter(({ settlement }) => settlement === null)}
            empty="No session is open"
            party="provider"
          >
            <Link href="/try">Try a service</Link>: the first call opens one.
          </SessionList>
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
