import {
  advanceSettlement,
  type Deployment,
  getSettlement,
  type ReadClient,
  type Settlement,
  type WriteClient,
} from "@demec/chain";
import { DemecError, type Hex, type SignedState } from "@demec/protocol";

/** How often the chain is asked whether the provider has settled; milliseconds. */
const POLL_MS = 250;

/**
 * Settles by a co-signed final state. The provider is paid by it and so will bring it; when it doesn't within
 * `patienceMs`, we do.
 */
export async function settleFinal(
  {
    client,
    wallet,
    deployment,
  }: { readonly client: ReadClient; readonly wallet: WriteClient; readonly deployment: Deployment },
  sessionId: Hex,
  final: SignedState,
  patienceMs: number,
): Promise<Settlement> {
  for (const until = performance.now() + patienceMs; performance.now() < until; ) {
    const settlement = await getSettlement(client, deployment, sessionId);
    if (settlement !== null) return settlement;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const progress = await advanceSettlement(client, wallet, deployment, { sessionId, newest: final, end: true });
  if (progress.type !== "settled") {
    throw new DemecError("sdk/not-settled", `Session ${sessionId} is still ${progress.type} after its final state.`, {
      details: { sessionId },
    });
  }
  return progress.settlement;
}
