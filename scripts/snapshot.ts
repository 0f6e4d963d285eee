// `pnpm snapshot`: measures gas and bytecode sizes anew and writes contracts/.{gas,size}-snapshot.json, showing what changed.
import { measureOurs } from "../bench/gas/ours.ts";
import { gasSnapshot, readSnapshot, type Snapshot, sizeSnapshot, writeSnapshot } from "../bench/gas/snapshot.ts";
import { startChain } from "../test/support/market.ts";

const market = await startChain();
const measured = { gas: gasSnapshot(await measureOurs(market)), size: await sizeSnapshot() };
await market.connection.close();
for (const kind of ["gas", "size"] as const) {
  show(kind, readSnapshot(kind), measured[kind]);
  writeSnapshot(kind, measured[kind]);
}

function show(kind: string, before: Snapshot, now: Snapshot): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (before[name] !== now[name]) console.log(`${kind} ${name}: ${before[name] ?? "new"} → ${now[name] ?? "gone"}`);
  }
}
