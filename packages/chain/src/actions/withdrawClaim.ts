import type { Address } from "@demec/protocol";
import { bezierMarketAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import { eventOf } from "../logs.ts";
import type { Mined, WriteClient } from "../types.ts";

/** Pays out the caller's whole claim of a payment token. @throws chain/nothing-to-withdraw */
export async function withdrawClaim(
  client: WriteClient,
  deployment: Deployment,
  { token, to }: { token: Address; to?: Address },
): Promise<Mined & { amount: bigint }> {
  const receipt = await execute(client, deployment, {
    address: deployment.market,
    abi: bezierMarketAbi,
    functionName: "withdraw",
    args: [token, to ?? client.account.address],
  });
  return { ...mined(receipt), amount: eventOf(receipt, bezierMarketAbi, "Withdrawn").args.amount };
}
