import type { Address, Hex, Offer } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { defaultDeadline, execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, SessionParams, WriteClient } from "../types.ts";

export interface OpenSessionParameters {
  readonly offer: Offer;
  /** Of the provider's operator over the offer, domain: the escrow. */
  readonly operatorSig: Hex;
  /** 18 decimals, within the offer's limits. */
  readonly credits: bigint;
  /** Address of the ephemeral key that will sign the session's states. */
  readonly sessionKey: Address;
  /** Least escrow value to accept for the credits; payment-token base units. */
  readonly minValue: bigint;
  readonly deadline?: bigint;
}

export interface OpenedSession extends Mined {
  readonly sessionId: Hex;
  readonly params: SessionParams;
}

/**
 * Opens a session under a provider's offer: the caller's credits become value in escrow, the provider's bond is locked.
 * @throws chain/offer-expired, chain/offer-used, chain/foreign-signer, chain/insufficient-credits, chain/slippage,
 * chain/provider-inactive, chain/not-enrolled, …
 */
export async function openSession(
  client: WriteClient,
  deployment: Deployment,
  { offer, operatorSig, credits, sessionKey, minValue, deadline }: OpenSessionParameters,
): Promise<OpenedSession> {
  const receipt = await execute(client, deployment, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    functionName: "open",
    args: [offer, operatorSig, credits, sessionKey, minValue, deadline ?? (await defaultDeadline(client))],
  });
  const { sessionId, params } = eventOf(receipt, slaEscrowAbi, "SessionOpened").args;
  return { ...mined(receipt), sessionId, params };
}
