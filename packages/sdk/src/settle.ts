import { advanceSettlement, getSettlement, type Settlement } from "@demec/chain";
import { DemecError, type Hex, type SignedState } from "@demec/protocol";
import type { BuyerContext } from "./context.ts";

/** How often the chain is asked whether the provider has settled; milliseconds. */
const POLL_MS = 250;

/**
 * Settles by a co-signed final state. The provider is paid by it and so will bring it; when it doesn't within
 * `patienceMs`, we do.
 * @throws sdk/not-settled, chain/rpc
 */
export async function settleFinal(
  { client, wallet, deployment, spending }: BuyerContext,
  sessionId: Hex,
  final: SignedState,
  patienceMs: number,
): Promise<Settlement> {
  for (const until = performance.now() + patienceMs; performance.now() < until; ) {
    const settlement = await getSettlement(client, deployment, sessionId);
    if (settlement !== null) return settlement;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const step = { sessionId, newest: final, end: true };
  const progress = await spending.run(() => advanceSettlement(client, wallet, deployment, step));
  if (progress.type !== "settled") {
    throw new DemecError("sdk/not-settled", `Session ${sessionId} is still ${progress.type} after its final state.`, {
      details: { sessionId },
    });
  }
  return progress.settlement;
}
