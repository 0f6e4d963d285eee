import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/**
 * Price at a supply, or at the current one; payment-token base units per whole credit × 1e18, rounded down.
 * @throws chain/unknown-service
 */
export function priceAt(
  client: ReadClient,
  deployment: Deployment,
  { serviceId, supply }: { serviceId: bigint; supply?: bigint },
): Promise<bigint> {
  const market = { address: deployment.market, abi: bezierMarketAbi } as const;
  return supply === undefined
    ? read(client, { ...market, functionName: "price", args: [serviceId] })
    : read(client, { ...market, functionName: "priceAt", args: [serviceId, supply] });
}
