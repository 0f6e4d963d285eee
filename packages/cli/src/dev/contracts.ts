import { readFileSync } from "node:fs";
import { type Deployment, parseDeployment } from "@demec/chain";
import { type Address, DemecError, type Hex } from "@demec/protocol";
import { packageFile } from "../packageFiles.ts";
import { callRpc } from "./callRpc.ts";

/** Made by scripts/build-dev-chain.ts: the state of a chain that has the contracts, as Anvil dumps it. */
export interface DevChainFile {
  readonly state: Hex;
  readonly deployment: { readonly mockUsd: Address };
}
export const DEV_CHAIN_FILE = packageFile("dev-chain.json");

/**
 * Puts the contracts and test money on an empty Anvil.
 * @throws cli/no-chain in a clone where they were not compiled
 */
export async function loadContracts(rpcUrl: string): Promise<{ deployment: Deployment; mockUsd: Address }> {
  let file: DevChainFile;
  try {
    file = JSON.parse(readFileSync(DEV_CHAIN_FILE, "utf8"));
  } catch (cause) {
    throw new DemecError("cli/no-chain", `${DEV_CHAIN_FILE} can't be read.`, { cause });
  }
  await callRpc(rpcUrl, "anvil_loadState", [file.state]);
  return { deployment: parseDeployment(JSON.stringify(file.deployment)), mockUsd: file.deployment.mockUsd };
}
