import { type ReactNode, useEffect } from "react";
import { useConnection } from "wagmi";
import { Link } from "wouter";
import { useSettings } from "../settings.ts";
import { Card, Empty, ErrorNote, Loading } from "../ui/basics.tsx";
import { WalletButton } from "../wallet/WalletButton.tsx";
import { useBuyer } from "./BuyerProvider.tsx";

/** What stands between a visitor and calling: a guide, a wallet, and another tab. Beyond it a buyer is open. */
export function BuyerGate({ children }: { readonly children: ReactNode }) {
  const { guides } = useSettings();
  const { address } = useConnection();
  const { state, open } = useBuyer();
  useEffect(() => {
    if (guides.length > 0 && state.phase === "idle") open();
  }, [guides, state.phase, open]);
  if (guides.length === 0) {
    return (
      <Card>
        <Empty title="This console has no guide">
          A guide is a node that helps pages find providers. Name one in the <Link href="/settings">settings</Link>.
        </Empty>
      </Card>
    );
  }
  if (address === undefined) {
    return (
      <Card>
        <Empty title="Connect a wallet first">Calls are paid from it: some thousandths of a credit each.</Empty>
        <WalletButton wide />
      </Card>
    );
  }
  if (state.phase === "elsewhere") {
    return (
      <Card>
        <Empty title="Another tab has your sessions now">
          One tab at a time signs for them, so that nothing is signed twice.
        </Empty>
        <button type="button" className="primary wide" onClick={open}>
          Bring them here
        </button>
      </Card>
    );
  }
  if (state.phase === "failed") return <ErrorNote error={state.error} onRetry={open} />;
  if (state.phase !== "ready") {
    return (
      <Card>
        <Loading chars={24} />
      </Card>
    );
  }
  return children;
}
