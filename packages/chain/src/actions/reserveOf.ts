import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** Payment tokens that back the credits outstanding of a service, base units. @throws chain/unknown-service */
export function reserveOf(client: ReadClient, deployment: Deployment, serviceId: bigint): Promise<bigint> {
  return read(client, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "reserveOf",
    args: [serviceId],
  });
}
