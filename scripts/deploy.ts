// Deploys the whole system through Ignition and prints the deployment as JSON (what `parseDeployment` reads).
//
//   node scripts/deploy.ts --rpc http://127.0.0.1:8545 [--out FILE] [--parameters FILE] [--mock-usd]
//
// The deployer is the node's first unlocked account. --parameters: JSON with any of `DeploymentParameters`.
// --mock-usd deploys test money too and adds its address as "mockUsd".
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { formatDeployment } from "@demec/chain";
import hre from "hardhat";
import { deployDemec } from "./deployDemec.ts";

const { values: options } = parseArgs({
  options: {
    rpc: { type: "string" },
    out: { type: "string" },
    parameters: { type: "string" },
    "mock-usd": { type: "boolean", default: false },
  },
});
if (options.rpc === undefined) {
  console.error("Usage: node scripts/deploy.ts --rpc URL [--out FILE] [--parameters FILE] [--mock-usd]");
  process.exit(2);
}
const connection = await hre.network.connect({ network: "rpc", override: { url: options.rpc } });
const deployment = await deployDemec(connection, {
  parameters: options.parameters === undefined ? {} : JSON.parse(readFileSync(options.parameters, "utf8")),
  mockUsd: options["mock-usd"],
});
const json = formatDeployment(deployment);
if (options.out !== undefined) writeFileSync(options.out, `${json}\n`);
console.log(json);
await connection.close();
