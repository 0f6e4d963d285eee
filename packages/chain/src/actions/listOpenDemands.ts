import type { Address, ExecutionRequest, Hex } from "@demec/protocol";
import { faultCourtAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { executionRequest } from "../execution.ts";
import { getContractEvents } from "../reads.ts";
import type { ReadClient } from "../types.ts";
import { getDemand } from "./getDemand.ts";

export interface OpenDemand {
  readonly sessionId: Hex;
  readonly demandId: Hex;
  readonly executionHash: Hex;
  /** Unix time until which it can be answered. */
  readonly deadline: bigint;
  /** Null when nothing of this protocol version encodes to what stands on chain: refuse it. */
  readonly request: ExecutionRequest | null;
}

/** Demands on a provider's sessions that wait for their answers, oldest first. @throws chain/rpc */
export async function listOpenDemands(
  client: ReadClient,
  deployment: Deployment,
  { provider, fromBlock }: { provider: Address; fromBlock?: bigint },
): Promise<OpenDemand[]> {
  const logs = await getContractEvents(client, {
    address: deployment.court,
    abi: faultCourtAbi,
    eventName: "Demanded",
    args: { provider },
    fromBlock: fromBlock ?? deployment.deploymentBlock,
    strict: true,
  });
  // The latest of a session is the only one that can wait.
  const latest = new Map(logs.map(({ args }) => [args.sessionId, args]));
  const demands: OpenDemand[] = [];
  for (const { sessionId, demandId, executionHash, deadline, nonce, execution } of latest.values()) {
    const waiting = await getDemand(client, deployment, sessionId);
    if (waiting?.nonce !== nonce) continue;
    demands.push({ sessionId, demandId, executionHash, deadline, request: executionRequest(execution) });
  }
  return demands;
}
