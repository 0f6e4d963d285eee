// A local development chain as a process: prints one line of JSON, {"rpcUrl":"…"}, and runs until SIGTERM. It ends too
// when the process that started it is gone. `--as NAME`: with the chain id and the machine of a chain of scripts/chains.ts.
import { parseArgs } from "node:util";
import hre from "hardhat";
import { CHAINS, type ChainName } from "../chains.ts";

const { values } = parseArgs({ options: { as: { type: "string" } } });
const like = values.as === undefined ? undefined : CHAINS[values.as as ChainName];
const server = await hre.network.createServer(
  like === undefined ? "node" : { network: "node", override: { chainId: like.chainId, hardfork: like.hardfork } },
  "127.0.0.1",
  0,
);
const { address, port } = await server.listen();
console.log(JSON.stringify({ rpcUrl: `http://${address}:${port}` }));

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
