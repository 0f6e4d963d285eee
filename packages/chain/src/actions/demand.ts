import type { ExecutionRequest, Hex, SessionState } from "@demec/protocol";
import { faultCourtAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { noState } from "../cosigned.ts";
import { execute, mined } from "../execute.ts";
import { onChainExecution } from "../execution.ts";
import { eventOf } from "../logs.ts";
import type { Mined, SessionParams, WriteClient } from "../types.ts";

export interface DemandParameters {
  readonly params: SessionParams;
  /** Newest state that the chain has seen (`getNewestState`); null: none. */
  readonly newest: SessionState | null;
  readonly request: ExecutionRequest;
}

export interface MadeDemand extends Mined {
  readonly demandId: Hex;
  readonly nonce: bigint;
  /** Unix time: until then it can be answered, from then on it is a fault. */
  readonly deadline: bigint;
  readonly executionHash: Hex;
}

/**
 * The session's buyer puts a call on chain: whoever is silent then loses the session. Everything in it is public. The
 * offer's deposit is taken from the buyer's claim, or pulled (allowance for the market).
 * @throws chain/session-not-open, chain/demanded, chain/demand-refused, chain/stale-state, chain/forbidden,
 * chain/insufficient-funds, chain/insufficient-allowance, chain/demand-with-files
 */
export async function demand(
  client: WriteClient,
  deployment: Deployment,
  { params, newest, request }: DemandParameters,
): Promise<MadeDemand> {
  const receipt = await execute(client, deployment, {
    address: deployment.court,
    abi: faultCourtAbi,
    functionName: "demand",
    args: [params, newest ?? noState, onChainExecution(request)],
  });
  const { demandId, nonce, deadline, executionHash } = eventOf(receipt, faultCourtAbi, "Demanded").args;
  return { ...mined(receipt), demandId, nonce, deadline, executionHash };
}
