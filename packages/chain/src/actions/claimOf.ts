import type { Address } from "@demec/protocol";
import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** What an account can withdraw of a payment token, base units. */
export function claimOf(
  client: ReadClient,
  deployment: Deployment,
  { token, account }: { token: Address; account: Address },
): Promise<bigint> {
  return read(client, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "claimOf",
    args: [token, account],
  });
}
