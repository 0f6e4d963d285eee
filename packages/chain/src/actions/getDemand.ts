import type { Hex } from "@demec/protocol";
import { faultCourtAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

export interface Demand {
  readonly executionHash: Hex;
  readonly nonce: bigint;
  /** Unix time until which it can be answered. */
  readonly deadline: number;
}

/** The demand of a session that waits for its answer, null when there is none. */
export async function getDemand(client: ReadClient, deployment: Deployment, sessionId: Hex): Promise<Demand | null> {
  const demand = await read(client, {
    address: deployment.court,
    abi: faultCourtAbi,
    functionName: "demandOf",
    args: [sessionId],
  });
  return demand.deadline === 0 ? null : demand;
}
