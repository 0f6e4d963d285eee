import type { Address } from "@demec/protocol";
import { delegatedStakeAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Puts stake of the caller behind a provider: it earns what the pool earns and is slashed with it. The delegation contract
 * needs an allowance of it: `approveExact` with `deployment.delegation` as the spender.
 * @param amount stake-token base units, > 0
 * @param minShares least shares to get for it; `previewDelegate` tells what it would be now
 * @throws chain/delegation-full; chain/slippage for fewer shares than `minShares`, or than a thousand
 */
export async function delegate(
  client: WriteClient,
  deployment: Deployment,
  { owner, amount, minShares = 0n }: { owner: Address; amount: bigint; minShares?: bigint },
): Promise<Mined & { shares: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.delegation,
    abi: delegatedStakeAbi,
    functionName: "delegate",
    args: [owner, amount, minShares],
  });
  return { ...mined(receipt), shares: eventOf(receipt, delegatedStakeAbi, "Delegated").args.shares };
}
