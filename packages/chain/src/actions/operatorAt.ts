import type { Address } from "@demec/protocol";
import { providerStakingAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

/**
 * Operator of an owner at a past second, the same for ever; the zero address if there was none.
 * @param time unix time, not in the future @throws protocol/out-of-range
 */
export function operatorAt(
  client: ReadClient,
  deployment: Deployment,
  { owner, time }: { owner: Address; time: bigint },
): Promise<Address> {
  return read(client, {
    address: deployment.staking,
    abi: providerStakingAbi,
    functionName: "operatorAt",
    args: [owner, time],
  });
}
