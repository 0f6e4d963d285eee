import type { Address } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/** Makes one signed offer of a provider worthless; the caller is its owner or operator. @throws chain/forbidden */
export async function cancelOffer(
  client: WriteClient,
  deployment: Deployment,
  { provider, nonce }: { provider: Address; nonce: bigint },
): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.escrow,
      abi: slaEscrowAbi,
      functionName: "cancelOffer",
      args: [provider, nonce],
    }),
  );
}
