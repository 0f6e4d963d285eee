// `pnpm bench:gas`: gas of our contracts beside Uniswap's in the same run on the same EVM (Hardhat's), and the curve's
// largest error against exact rationals. Prints a table, writes bench/results/gas.json, and fails when a target is missed.
import { parseArgs } from "node:util";
import { measureCurve } from "../test/curve/differential.ts";
import { adversarialPoints, randomPoints } from "../test/curve/samples.ts";
import { startChain } from "../test/support/market.ts";
import { against, type Figure, report } from "./figures.ts";
import { measureOurs } from "./gas/ours.ts";
import { measureUniswap } from "./gas/uniswap.ts";

const { values: options } = parseArgs({ options: { curves: { type: "string", default: "10000" } } });
const market = await startChain();
const ours = await measureOurs(market);
const uniswap = await measureUniswap(market.connection);
const SWAPS = { buy: "v4", sell: "v4", sellAndWithdraw: "v4" } as const;
const figures: Figure[] = ours.map((figure) =>
  figure.name in SWAPS ? against(figure, "Uniswap v4 swap, v4-core 1.0.2", uniswap.v4) : figure,
);
figures.push(
  { name: "uniswapV4Swap", value: uniswap.v4, unit: "gas", target: null, note: "SwapRouterNoChecks" },
  { name: "uniswapV2Swap", value: uniswap.v2, unit: "gas", target: null, note: "UniswapV2Router02" },
);

const random = Number(options.curves);
const errors = await measureCurve(market.connection, points());
figures.push({
  name: "curveMaxErrorUnits",
  value: errors.maxAreaError,
  unit: "base units",
  target: null,
  note: `area as composed, ${errors.points} points of ${random} random and the adversarial curves`,
});
await market.connection.close();

function* points() {
  yield* adversarialPoints();
  yield* randomPoints(random, 2n);
}

process.exitCode = report("gas", figures) ? 0 : 1;
