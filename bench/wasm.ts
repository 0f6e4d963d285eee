/**
 * Figures of issue "Strangers' code": what metering costs, how many invocations a second one child carries, how long a
 * first call takes, whether memory stays. Writes bench/results/wasm.json.
 *   node bench/wasm.ts [--quick]
 */
import { cold } from "./executor/cold.ts";
import { restarts } from "./executor/restarts.ts";
import { warm } from "./executor/warm.ts";
import { type Figure, geometricMean, report, round } from "./figures.ts";
import { overheads } from "./metering/overhead.ts";

const invocations = process.argv.includes("--quick") ? 20_000 : 100_000;
const perKernel = await overheads();
const ratios = Object.values(perKernel);
const toPlain = { unit: "metered/unmetered", target: null };
const figures: Figure[] = [
  { ...toPlain, name: "meteringOverheadGeomeanV8", value: round(geometricMean(ratios)), target: 1.2 },
  { ...toPlain, name: "meteringOverheadMaxV8", value: Math.max(...ratios), target: 1.6 },
  ...Object.entries(perKernel).map(([name, value]) => ({ ...toPlain, name: `meteringOverheadV8.${name}`, value })),
  ...(await warm(invocations)),
  ...(await cold()),
  ...(await restarts()),
];
report("wasm", figures);
