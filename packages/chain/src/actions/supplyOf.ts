import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** Credits outstanding of a service, 18 decimals. @throws chain/unknown-service */
export function supplyOf(client: ReadClient, deployment: Deployment, serviceId: bigint): Promise<bigint> {
  return read(client, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "supplyOf",
    args: [serviceId],
  });
}
