// A local development chain as a process, with the whole system and test money deployed on it: prints one line of JSON,
// {"rpcUrl":"…","deployment":{…}}, and runs until SIGTERM. It ends too when the process that started it is gone.
// `--host ADDRESS`: listens there instead of on 127.0.0.1.
// `--as NAME`: empty instead, with the chain id and the machine of a chain of scripts/chains.ts; prints {"rpcUrl":"…"}.
// `--keep FILE --port N`: the chain that this file keeps (see keptChain.ts); once it has been deployed to, {"rpcUrl":"…"}.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { formatDeployment } from "@demec/chain";
import hre from "hardhat";
import { CHAINS, type ChainName } from "../chains.ts";
import { deployDemec } from "../deployDemec.ts";
import { serveKept } from "./keptChain.ts";

const { values } = parseArgs({
  options: {
    as: { type: "string" },
    host: { type: "string", default: "127.0.0.1" },
    keep: { type: "string" },
    port: { type: "string", default: "0" },
  },
});
/** First moment of a chain that is kept: before all that is done on it, and the same whenever it is started. */
const GENESIS = "2026-01-01T00:00:00Z";
const { host, keep } = values;
const like = values.as === undefined ? undefined : CHAINS[values.as as ChainName];
const isRestart = keep !== undefined && existsSync(keep);
const server = await hre.network.createServer(
  like !== undefined
    ? { network: "node", override: { chainId: like.chainId, hardfork: like.hardfork } }
    : keep !== undefined
      ? { network: "node", override: { initialDate: GENESIS } }
      : "node",
  host,
  0,
);
const { address, port } = await server.listen();
const ownUrl = `http://${address}:${port}`;
const rpcUrl =
  keep === undefined ? ownUrl : `http://${host}:${await serveKept(ownUrl, keep, host, Number(values.port))}`;
if (like === undefined && !isRestart) {
  // In this process: loading Hardhat a second time takes longer than the deployment.
  const connection = await hre.network.connect({ network: "rpc", override: { url: rpcUrl } });
  const deployment = await deployDemec(connection, { mockUsd: true });
  await connection.close();
  console.log(JSON.stringify({ rpcUrl, deployment: JSON.parse(formatDeployment(deployment)) }));
} else {
  console.log(JSON.stringify({ rpcUrl }));
}

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
