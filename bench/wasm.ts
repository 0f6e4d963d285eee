/**
 * Figures of issue "Strangers' code": what metering costs, how many invocations a second one child carries, how long a
 * first call takes, whether memory stays. Prints ratios against something in the same run; writes bench/results/wasm.json.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cold } from "./executor/cold.ts";
import { restarts } from "./executor/restarts.ts";
import { round } from "./executor/statistics.ts";
import { warm } from "./executor/warm.ts";
import { geometricMean, overheads } from "./metering/overhead.ts";

const HERE = dirname(fileURLToPath(import.meta.url));

const invocations = process.argv.includes("--quick") ? 20_000 : 100_000;
const perKernel = await overheads();
const ratios = Object.values(perKernel);
const results = {
  meteringOverheadGeomeanV8: round(geometricMean(ratios)),
  meteringOverheadMaxV8: Math.max(...ratios),
  ...(await warm(invocations)),
  ...(await cold()),
  ...(await restarts()),
  perKernel,
};
for (const [name, value] of Object.entries({ ...perKernel, ...results })) {
  if (typeof value === "number") console.log(`${name.padEnd(28)} ${value}`);
}
mkdirSync(join(HERE, "results"), { recursive: true });
writeFileSync(join(HERE, "results/wasm.json"), `${JSON.stringify(results, null, 2)}\n`);
