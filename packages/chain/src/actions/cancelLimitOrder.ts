import type { Address } from "@demec/protocol";
import { limitOrdersAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Takes back the credits of the caller's order that were not sold; what was sold stays to be claimed.
 * @throws chain/unknown-order, chain/forbidden, chain/nothing-to-cancel when all of it was sold
 */
export async function cancelLimitOrder(
  client: WriteClient,
  deployment: Deployment,
  { orderId, to }: { orderId: bigint; to?: Address },
): Promise<Mined & { credits: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.limitOrders,
    abi: limitOrdersAbi,
    functionName: "cancel",
    args: [orderId, to ?? client.account.address],
  });
  return { ...mined(receipt), credits: eventOf(receipt, limitOrdersAbi, "OrderCancelled").args.credits };
}
