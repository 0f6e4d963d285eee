import type { SessionState } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { noState } from "../cosigned.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, SessionParams, Settlement, WriteClient } from "../types.ts";

/**
 * Settles a closing session after its deadline. Anyone may.
 * @param state the newest state that was brought to the chain (`getNewestState`), null when there was none
 * @throws chain/too-early, chain/session-not-closing, chain/stale-state
 */
export async function finishClosing(
  client: WriteClient,
  deployment: Deployment,
  { params, state }: { params: SessionParams; state: SessionState | null },
): Promise<Mined & Settlement> {
  const receipt = await execute(client, deployment, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    functionName: "finish",
    args: [params, state ?? noState],
  });
  return { ...mined(receipt), ...eventOf(receipt, slaEscrowAbi, "SessionSettled").args };
}
