import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** Whether new purchases and new sessions are stopped at the moment; nothing else ever is. */
export function isPaused(client: ReadClient, deployment: Deployment): Promise<boolean> {
  return read(client, { address: deployment.market, abi: bezierMarketAbi, functionName: "isPaused", args: [] });
}
