import type { Address } from "@demec/protocol";
import { accessTokenAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/** Credits of a service that an account holds, 18 decimals. */
export function creditsOf(
  client: ReadClient,
  deployment: Deployment,
  { serviceId, account }: { serviceId: bigint; account: Address },
): Promise<bigint> {
  return read(client, {
    address: deployment.accessToken,
    abi: accessTokenAbi,
    functionName: "balanceOf",
    args: [account, serviceId],
  });
}
