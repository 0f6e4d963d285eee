import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { type CosignedParameters, cosignedArguments } from "../cosigned.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Pays the provider what is certain under a co-signed state, without closing. The amount becomes its claim.
 * @throws chain/stale-state, chain/foreign-signer, chain/session-not-open
 */
export async function collect(
  client: WriteClient,
  deployment: Deployment,
  parameters: CosignedParameters,
): Promise<Mined & { amount: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    functionName: "collect",
    args: cosignedArguments(parameters),
  });
  return { ...mined(receipt), amount: eventOf(receipt, slaEscrowAbi, "Collected").args.amount };
}
