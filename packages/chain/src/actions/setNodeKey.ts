import type { Hex } from "@demec/protocol";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/** @param nodeKey 32-byte ed25519 public key, the provider's identity in the DHT */
export async function setNodeKey(client: WriteClient, deployment: Deployment, nodeKey: Hex): Promise<Mined> {
  return mined(
    await execute(client, deployment, {
      address: deployment.staking,
      abi: providerStakingAbi,
      functionName: "setNodeKey",
      args: [nodeKey],
    }),
  );
}
