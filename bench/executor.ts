/** The executor's share of `pnpm bench:wasm`, by itself: `node bench/executor.ts [warm|cold|restarts]`. */
import { cold } from "./executor/cold.ts";
import { restarts } from "./executor/restarts.ts";
import { warm } from "./executor/warm.ts";

const parts = { warm: () => warm(process.argv.includes("--quick") ? 20_000 : 100_000), cold, restarts };
for (const [name, measure] of Object.entries(parts)) {
  const isAsked = process.argv.slice(2).every((argument) => argument.startsWith("--") || argument === name);
  if (isAsked) console.log(JSON.stringify(await measure(), null, 2));
}
