import type { PaymentMethod } from "@demec/protocol";
import type { Deployment } from "../addresses.ts";
import type { WriteClient } from "../types.ts";
import { type SessionOrderParameters, signSessionOrder } from "./signSessionOrder.ts";
import { type BoughtSession, submitSessionOrder } from "./submitSessionOrder.ts";

/**
 * Buys credits and opens a session with them in one transaction. By default the market needs an allowance of the cost
 * (`approveExact`); any other method needs none.
 * @throws what `signSessionOrder` and `submitSessionOrder` throw
 */
export async function buyAndOpenSession(
  client: WriteClient,
  deployment: Deployment,
  { method = "allowance", ...parameters }: SessionOrderParameters & { readonly method?: PaymentMethod },
): Promise<BoughtSession> {
  const signed = await signSessionOrder(client, deployment, { ...parameters, method });
  return submitSessionOrder(client, deployment, signed);
}
