import type { DemandRefusal, Hex } from "@demec/protocol";
import { faultCourtAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, SessionParams, WriteClient } from "../types.ts";

/**
 * Ends a demand by the operator's signed refusal; the provider gets half of the deposit, the buyer the rest. Anyone may
 * bring it. @throws chain/not-demanded, chain/deadline-passed, chain/foreign-signer, chain/bad-answer
 */
export async function refuseDemand(
  client: WriteClient,
  deployment: Deployment,
  { params, refusal, operatorSig }: { params: SessionParams; refusal: DemandRefusal; operatorSig: Hex },
): Promise<Mined> {
  const receipt = await execute(client, deployment, {
    address: deployment.court,
    abi: faultCourtAbi,
    functionName: "refuseDemand",
    args: [params, refusal, operatorSig],
  });
  return mined(receipt);
}
