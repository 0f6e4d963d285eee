import { faultCourtAbi, slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventsOf } from "../logs.ts";
import type { Mined, SessionParams, WriteClient } from "../types.ts";

/**
 * Ends a demand that nobody answered in time: the deposit goes back, the session starts to close, its bond is slashed.
 * Anyone may do it, from the demand's deadline on. @throws chain/not-demanded, chain/too-early
 * @returns slashed: stake-token base units that were found at once; 0 when the session was settled by both meanwhile
 */
export async function expireDemand(
  client: WriteClient,
  deployment: Deployment,
  { params }: { params: SessionParams },
): Promise<Mined & { slashed: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.court,
    abi: faultCourtAbi,
    functionName: "expireDemand",
    args: [params],
  });
  const [slash] = eventsOf(receipt, slaEscrowAbi, "BondSlashed");
  return { ...mined(receipt), slashed: slash?.args.taken ?? 0n };
}
