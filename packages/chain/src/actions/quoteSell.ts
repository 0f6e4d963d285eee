import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** What selling `credits` (18 decimals) would yield now, payment-token base units. @throws chain/unknown-service */
export function quoteSell(
  client: ReadClient,
  deployment: Deployment,
  { serviceId, credits }: { serviceId: bigint; credits: bigint },
): Promise<bigint> {
  return read(client, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "quoteSell",
    args: [serviceId, credits],
  });
}
