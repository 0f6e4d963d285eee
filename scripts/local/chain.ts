// A local development chain as a process: prints one line of JSON, {"rpcUrl":"…"}, and runs until SIGTERM. It ends too
// when the process that started it is gone.
import hre from "hardhat";

const server = await hre.network.createServer("node", "127.0.0.1", 0);
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
