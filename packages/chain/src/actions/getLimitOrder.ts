import { askOf } from "@demec/protocol";
import { limitOrdersAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { LimitOrder, ReadClient } from "../types.ts";

/** An order that still has something to sell or to claim. @throws chain/unknown-order for any other */
export async function getLimitOrder(client: ReadClient, deployment: Deployment, orderId: bigint): Promise<LimitOrder> {
  const { tick, serviceId, owner, waiting, sold, proceeds } = await read(client, {
    address: deployment.limitOrders,
    abi: limitOrdersAbi,
    functionName: "getOrder",
    args: [orderId],
  });
  const { priceWad, tipBps } = askOf(tick);
  return { orderId, serviceId, owner, priceWad, tipBps, waiting, sold, proceeds };
}
