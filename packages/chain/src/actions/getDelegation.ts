import type { Address } from "@demec/protocol";
import { delegatedStakeAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { Delegation, ReadClient } from "../types.ts";

/** What one account has behind a provider; all zero if nothing. */
export function getDelegation(
  client: ReadClient,
  deployment: Deployment,
  { owner, delegator }: { owner: Address; delegator: Address },
): Promise<Delegation> {
  return read(client, {
    address: deployment.delegation,
    abi: delegatedStakeAbi,
    functionName: "getDelegation",
    args: [owner, delegator],
  });
}
