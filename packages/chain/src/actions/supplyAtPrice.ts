import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** Least supply at which the price is `priceWad` or more. @throws curve/out-of-range when the curve never gets there */
export function supplyAtPrice(
  client: ReadClient,
  deployment: Deployment,
  { serviceId, priceWad }: { serviceId: bigint; priceWad: bigint },
): Promise<bigint> {
  return read(client, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "supplyAtPrice",
    args: [serviceId, priceWad],
  });
}
