import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { type CosignedParameters, cosignedArguments } from "../cosigned.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Replaces the state of a closing session by a newer co-signed one. Anyone may bring it (a watchtower too).
 * @throws chain/stale-state, chain/foreign-signer, chain/session-not-closing, chain/deadline-passed
 */
export async function challengeClosing(
  client: WriteClient,
  deployment: Deployment,
  parameters: CosignedParameters,
): Promise<Mined & { deadline: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    functionName: "challenge",
    args: cosignedArguments(parameters),
  });
  return { ...mined(receipt), deadline: eventOf(receipt, slaEscrowAbi, "ClosingChallenged").args.deadline };
}
