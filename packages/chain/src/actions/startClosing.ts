import type { SignedState } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { cosignedArguments, noState } from "../cosigned.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, SessionParams, WriteClient } from "../types.ts";

/**
 * Starts to close a session alone, with the newest co-signed state or none. The caller is the buyer, the owner or the
 * operator. @throws chain/stale-state, chain/foreign-signer, chain/session-not-open, chain/forbidden
 * @returns deadline: unix time until which the state can be challenged, and from which anyone can finish
 */
export async function startClosing(
  client: WriteClient,
  deployment: Deployment,
  { params, signed }: { params: SessionParams; signed: SignedState | null },
): Promise<Mined & { deadline: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    functionName: "startClosing",
    args: signed === null ? [params, noState, "0x", "0x"] : cosignedArguments({ params, signed }),
  });
  return { ...mined(receipt), deadline: eventOf(receipt, slaEscrowAbi, "ClosingStarted").args.deadline };
}
