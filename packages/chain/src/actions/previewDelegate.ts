import type { Address } from "@demec/protocol";
import { delegatedStakeAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** Shares that `amount` would get behind a provider now, rounded down. */
export function previewDelegate(
  client: ReadClient,
  deployment: Deployment,
  { owner, amount }: { owner: Address; amount: bigint },
): Promise<bigint> {
  return read(client, {
    address: deployment.delegation,
    abi: delegatedStakeAbi,
    functionName: "previewDelegate",
    args: [owner, amount],
  });
}
