import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { type CosignedParameters, cosignedArguments } from "../cosigned.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, Settlement, WriteClient } from "../types.ts";

/** Settles a session at once by its co-signed final state. @throws chain/stale-state, chain/foreign-signer, chain/not-final */
export async function closeSession(
  client: WriteClient,
  deployment: Deployment,
  parameters: CosignedParameters,
): Promise<Mined & Settlement> {
  const receipt = await execute(client, deployment, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    functionName: "close",
    args: cosignedArguments(parameters),
  });
  return { ...mined(receipt), ...eventOf(receipt, slaEscrowAbi, "SessionSettled").args };
}
