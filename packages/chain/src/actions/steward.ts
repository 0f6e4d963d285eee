import type { Hex } from "@demec/protocol";
import { encodeFunctionData } from "viem";
import { administrationAbi, guardianAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/** What the steward may do, each after its announcement. */
export type StewardAct =
  | { readonly type: "unpause" }
  | { readonly type: "retireMeterVersion"; readonly meterVersion: number };

function callOf(act: StewardAct): Hex {
  return act.type === "unpause"
    ? encodeFunctionData({ abi: guardianAbi, functionName: "unpause" })
    : encodeFunctionData({ abi: guardianAbi, functionName: "retireMeterVersion", args: [act.meterVersion] });
}

/** Announces an act of the steward: it can be performed once the administration's delay is over. @throws chain/forbidden */
export async function announceStewardAct(client: WriteClient, deployment: Deployment, act: StewardAct): Promise<Mined> {
  const receipt = await execute(client, deployment, {
    address: deployment.administration,
    abi: administrationAbi,
    functionName: "schedule",
    args: [deployment.guardian, callOf(act), 0],
  });
  return mined(receipt);
}

/** Performs an act that was announced. @throws chain/not-announced, chain/too-early, chain/forbidden */
export async function performStewardAct(client: WriteClient, deployment: Deployment, act: StewardAct): Promise<Mined> {
  const guardian = { address: deployment.guardian, abi: guardianAbi } as const;
  const receipt = await (act.type === "unpause"
    ? execute(client, deployment, { ...guardian, functionName: "unpause", args: [] })
    : execute(client, deployment, { ...guardian, functionName: "retireMeterVersion", args: [act.meterVersion] }));
  return mined(receipt);
}
