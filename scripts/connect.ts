import hre from "hardhat";
import { CHAIN_NAMES, CHAINS, type ChainName } from "./chains.ts";
import type { Connection } from "./deployDemec.ts";
import { runtimeOf } from "./profileRuntime.ts";

/** Where a script acts: a chain of scripts/chains.ts with the key from Hardhat's keystore, or any node with open accounts. */
export type Target = { readonly network: ChainName } | { readonly rpc: string };

/** Reads `--network NAME` and `--rpc URL`, of which one must be given. @throws naming what was given instead */
export function parseTarget({ network, rpc }: { network?: string | undefined; rpc?: string | undefined }): Target {
  if (network !== undefined && rpc !== undefined)
    throw new Error(`Both --network ${network} and --rpc ${rpc} are given.`);
  if (rpc !== undefined) return { rpc };
  if (network === undefined) throw new Error("Neither --network NAME nor --rpc URL is given.");
  if (!(network in CHAINS)) throw new Error(`No network ${network}. Networks: ${CHAIN_NAMES.join(", ")}.`);
  return { network: network as ChainName };
}

/** Connects with the artifacts that belong on that chain. */
export async function connectTo(target: Target): Promise<Connection> {
  if ("rpc" in target) return hre.network.connect({ network: "rpc", override: { url: target.rpc } });
  const runtime = await runtimeOf(CHAINS[target.network].buildProfile);
  return (await runtime.network.connect({ network: target.network })) as Connection;
}
