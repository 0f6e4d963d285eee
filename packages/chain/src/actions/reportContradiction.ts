import type { Hex, Testimony } from "@demec/protocol";
import { faultCourtAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, SessionParams, WriteClient } from "../types.ts";

/** A testimony with the session that it was signed for. */
export interface AttributedTestimony {
  readonly params: SessionParams;
  readonly testimony: Testimony;
}

/**
 * Charges the sessions of two testimonies of one provider that contradict each other (`contradictionOf`). Anyone; the
 * sender is the reporter. @throws chain/bad-evidence, chain/foreign-signer, chain/meter-retired
 * @returns enforceableAt: unix time from which `enforceContradiction` slashes
 */
export async function reportContradiction(
  client: WriteClient,
  deployment: Deployment,
  { first, second }: { first: AttributedTestimony; second: AttributedTestimony },
): Promise<Mined & { executionHash: Hex; enforceableAt: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.court,
    abi: faultCourtAbi,
    functionName: "reportContradiction",
    args: [
      { params: first.params, ...first.testimony },
      { params: second.params, ...second.testimony },
    ],
  });
  const { executionHash, enforceableAt } = eventOf(receipt, faultCourtAbi, "ContradictionReported").args;
  return { ...mined(receipt), executionHash, enforceableAt };
}
