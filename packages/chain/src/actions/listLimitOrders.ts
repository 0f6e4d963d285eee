import { type Address, isDemecError } from "@demec/protocol";
import { limitOrdersAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { getContractEvents } from "../reads.ts";
import type { LimitOrder, ReadClient } from "../types.ts";
import { getLimitOrder } from "./getLimitOrder.ts";

/** The orders of a service that still have something to sell or to claim, in their turn; of one owner if asked. */
export async function listLimitOrders(
  client: ReadClient,
  deployment: Deployment,
  { serviceId, owner }: { serviceId: bigint; owner?: Address },
): Promise<LimitOrder[]> {
  const logs = await getContractEvents(client, {
    address: deployment.limitOrders,
    abi: limitOrdersAbi,
    eventName: "OrderPlaced",
    args: { serviceId, ...(owner && { owner }) },
    fromBlock: deployment.deploymentBlock,
    strict: true,
  });
  const orders = await Promise.all(
    logs.map(({ args }) =>
      getLimitOrder(client, deployment, args.orderId).catch((error: unknown) => {
        if (isDemecError(error, "chain/unknown-order")) return undefined;
        throw error;
      }),
    ),
  );
  return orders.filter((order) => order !== undefined).sort((a, b) => (a.orderId < b.orderId ? -1 : 1));
}
