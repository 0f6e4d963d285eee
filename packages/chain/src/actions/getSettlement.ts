import type { Hex } from "@demec/protocol";
import { getContractEvents } from "viem/actions";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import type { ReadClient, Settlement } from "../types.ts";

/** How a session ended, or null while it hasn't. */
export async function getSettlement(
  client: ReadClient,
  deployment: Deployment,
  sessionId: Hex,
): Promise<Settlement | null> {
  const [log] = await getContractEvents(client, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    eventName: "SessionSettled",
    args: { sessionId },
    fromBlock: deployment.deploymentBlock,
    strict: true,
  });
  return log?.args ?? null;
}
