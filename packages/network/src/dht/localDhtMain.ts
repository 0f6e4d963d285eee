// A local DHT as a process: prints one line of JSON, {"bootstrap":[…]}, and runs until SIGTERM or SIGINT. With
// --with-parent it also ends when the process that started it is gone. --nodes <n> sets its size, --port <n> its entry point.
import { parseArgs } from "node:util";
import { startLocalDht } from "./localDht.ts";

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "4" },
    port: { type: "string" },
    "with-parent": { type: "boolean", default: false },
  },
});
const dht = await startLocalDht({
  nodes: Number(values.nodes),
  ...(values.port !== undefined && { port: Number(values.port) }),
});

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await dht.close();
  process.exit(0);
}
process.on("SIGTERM", end);
process.on("SIGINT", end);
if (values["with-parent"]) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && end(), 500);
}

console.log(JSON.stringify({ bootstrap: dht.bootstrap }));
