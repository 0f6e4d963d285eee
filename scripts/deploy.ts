// Deploys the whole system through Ignition and prints the deployment as JSON (what `parseDeployment` reads).
//
//   node scripts/deploy.ts --network polygonAmoy [--out FILE] [--parameters FILE]
//   node scripts/deploy.ts --rpc http://127.0.0.1:8545 [--out FILE] [--parameters FILE] [--mock-usd]
//
// --network: a chain of scripts/chains.ts. Its build profile, confirmations and scripts/ignition/parameters/NAME.json are
// used; the deployer's key and the end point come from Hardhat's keystore. --rpc: any node, from its first unlocked account.
// --parameters: JSON with any of `DeploymentParameters`. --mock-usd deploys test money too and adds its address as "mockUsd".
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatDeployment } from "@demec/chain";
import { CHAINS } from "./chains.ts";
import { connectTo, parseTarget, type Target } from "./connect.ts";
import { type DeploymentParameters, deployDemec } from "./deployDemec.ts";

const { values: options } = parseArgs({
  options: {
    network: { type: "string" },
    rpc: { type: "string" },
    out: { type: "string" },
    parameters: { type: "string" },
    "mock-usd": { type: "boolean", default: false },
  },
});
let target: Target;
try {
  target = parseTarget(options);
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
const connection = await connectTo(target);
const deployment = await deployDemec(connection, {
  parameters: readParameters(),
  mockUsd: options["mock-usd"],
  ...("network" in target && { confirmations: CHAINS[target.network].confirmations }),
});
const json = formatDeployment(deployment);
if (options.out !== undefined) writeFileSync(options.out, `${json}\n`);
console.log(json);
if ("network" in target) {
  const { buildProfile } = CHAINS[target.network];
  console.error(
    `Verify: hardhat ignition verify ${deployment.deploymentId} --network ${target.network} --build-profile ${buildProfile}`,
  );
}
await connection.close();

function readParameters(): Partial<DeploymentParameters> {
  const own = "network" in target ? join(import.meta.dirname, `ignition/parameters/${target.network}.json`) : undefined;
  const file = options.parameters ?? own;
  return file === undefined ? {} : JSON.parse(readFileSync(file, "utf8"));
}
