// Writes packages/cli/dev-chain.json: the state of a development chain on which the system and test money are deployed, for
// `demec dev` to begin with. Run by `pnpm build:contracts`.
import { writeFileSync } from "node:fs";
import { formatDeployment } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import hre from "hardhat";
import { callRpc } from "../packages/cli/src/dev/callRpc.ts";
import { startChain } from "../packages/cli/src/dev/chain.ts";
import { DEV_CHAIN_FILE, type DevChainFile } from "../packages/cli/src/dev/contracts.ts";
import { deployDemec } from "./deployDemec.ts";

const chain = await startChain();
try {
  const connection = await hre.network.connect({ network: "rpc", override: { url: chain.rpcUrl } });
  const deployment = await deployDemec(connection, { mockUsd: true });
  await connection.close();
  const file: DevChainFile = {
    deployment: JSON.parse(formatDeployment(deployment)),
    state: (await callRpc(chain.rpcUrl, "anvil_dumpState")) as Hex,
  };
  writeFileSync(DEV_CHAIN_FILE, JSON.stringify(file));
} finally {
  await chain.stop();
}
