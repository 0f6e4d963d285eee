import type { Hex } from "@demec/protocol";
import { useQuery } from "@tanstack/react-query";
import { useBuyer } from "./BuyerProvider.tsx";
import { type Ledger, ledgerOf } from "./ledger.ts";

/** Calls are signed for a few times a second at most; milliseconds. */
const LOOK_MS = 1_000;

/** What this browser's journal tells of a session, as it grows; null where it knows nothing of it. */
export function useLedger(sessionId: Hex) {
  const { state } = useBuyer();
  const demec = state.phase === "ready" ? state.demec : null;
  return useQuery({
    queryKey: ["ledger", sessionId],
    enabled: demec !== null,
    refetchInterval: LOOK_MS,
    queryFn: async (): Promise<Ledger | null> => {
      const snapshot = await demec!.options.journal.load(sessionId);
      return snapshot === null ? null : ledgerOf(snapshot);
    },
  });
}
