import { faultCourtAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, SessionParams, WriteClient } from "../types.ts";

/**
 * Slashes the bond of a charged session once the court's grace is over. Anyone.
 * @throws chain/not-charged, chain/too-early, chain/meter-retired
 * @returns slashed: stake-token base units that were found at once
 */
export async function enforceContradiction(
  client: WriteClient,
  deployment: Deployment,
  { params }: { params: SessionParams },
): Promise<Mined & { slashed: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.court,
    abi: faultCourtAbi,
    functionName: "enforceContradiction",
    args: [params],
  });
  return { ...mined(receipt), slashed: eventOf(receipt, faultCourtAbi, "ContradictionEnforced").args.taken };
}
