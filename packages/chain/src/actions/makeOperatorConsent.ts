import { type Address, type Hex, signMessageOf } from "@demec/protocol";
import { privateKeyToAddress } from "viem/accounts";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { defaultDeadline, read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** Operator's proof that it agrees to act for an owner. */
export interface SignedConsent {
  readonly operator: Address;
  readonly deadline: bigint;
  readonly consent: Hex;
}

/** Signs, with the operator's key, the consent that `registerProvider` and `bindOperator` need next. */
export async function makeOperatorConsent(
  client: ReadClient,
  deployment: Deployment,
  { owner, operatorPrivateKey, deadline }: { owner: Address; operatorPrivateKey: Hex; deadline?: bigint },
): Promise<SignedConsent> {
  const operator = privateKeyToAddress(operatorPrivateKey);
  const nonce = await read(client, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "consentNonce",
    args: [owner],
  });
  const message = { owner, operator, nonce, deadline: deadline ?? (await defaultDeadline(client)) };
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.staking };
  const consent = signMessageOf(operatorPrivateKey, domain, "OperatorConsent", message);
  return { operator, deadline: message.deadline, consent };
}
