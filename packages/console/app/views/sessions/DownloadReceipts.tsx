import type { Hex } from "@demec/protocol";
import { useState } from "react";
import { bytesToHex } from "viem";
import { useBuyer } from "../../buyer/BuyerProvider.tsx";
import { ErrorNote } from "../../ui/basics.tsx";
import { type Failure, failureOf } from "../../wallet/useTransact.ts";

/** All receipts of a session with their proofs, as a file to keep: it proves them without this browser. */
export function DownloadReceipts({ sessionId }: { readonly sessionId: Hex }) {
  const { state } = useBuyer();
  const [error, setError] = useState<Failure | null>(null);
  if (state.phase !== "ready") return null;
  const download = async () => {
    try {
      const receipts = await state.demec.receipts(sessionId);
      const url = URL.createObjectURL(new Blob([JSON.stringify(receipts, plain, 2)], { type: "application/json" }));
      const link = Object.assign(document.createElement("a"), {
        href: url,
        download: `receipts-${sessionId.slice(2, 10)}.json`,
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (caught) {
      setError(failureOf(caught));
    }
  };
  return (
    <>
      <button type="button" className="link" onClick={() => void download()}>
        Download the receipts with their proofs
      </button>
      {error !== null && <ErrorNote error={error} />}
    </>
  );
}

/** Bytes as hexadecimal, large integers as decimal strings. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? bytesToHex(value) : value;
}
