import { guardianAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/** Stops new purchases and new sessions, at once. Pauser only. @throws chain/forbidden */
export async function pauseMarket(client: WriteClient, deployment: Deployment): Promise<Mined> {
  const call = { address: deployment.guardian, abi: guardianAbi, functionName: "pause", args: [] } as const;
  return mined(await execute(client, deployment, call));
}
