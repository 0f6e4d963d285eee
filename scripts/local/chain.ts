// A local development chain as a process, with the whole system and test money deployed on it: prints one line of JSON,
// {"rpcUrl":"…","deployment":{…}}, and runs until SIGTERM. It ends too when the process that started it is gone.
import { formatDeployment } from "@demec/chain";
import hre from "hardhat";
import { deployDemec } from "../deployDemec.ts";

const server = await hre.network.createServer("node", "127.0.0.1", 0);
const { address, port } = await server.listen();
const rpcUrl = `http://${address}:${port}`;
// In this process: loading Hardhat a second time takes longer than the deployment.
const connection = await hre.network.connect({ network: "rpc", override: { url: rpcUrl } });
const deployment = await deployDemec(connection, { mockUsd: true });
await connection.close();
console.log(JSON.stringify({ rpcUrl, deployment: JSON.parse(formatDeployment(deployment)) }));

const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid !== parent) void end();
}, 500);
async function end(): Promise<void> {
  clearInterval(watch);
  await server.close();
  process.exit(0);
}
process.once("SIGTERM", () => void end());
process.once("SIGINT", () => void end());
