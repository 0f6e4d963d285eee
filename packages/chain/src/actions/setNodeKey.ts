import type { Hex } from "@demec/protocol";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Sets the calling provider's node key: the first at once, another one after the rotation delay of a day.
 * @param nodeKey 32-byte ed25519 public key, the provider's identity in the DHT
 * @returns from: unix time from which it holds
 */
export async function setNodeKey(
  client: WriteClient,
  deployment: Deployment,
  nodeKey: Hex,
): Promise<Mined & { from: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "setNodeKey",
    args: [nodeKey],
  });
  return { ...mined(receipt), from: eventOf(receipt, providerStakingAbi, "NodeKeySet").args.from };
}
