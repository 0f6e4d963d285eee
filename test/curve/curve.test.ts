// The Solidity curve against exact rationals. `pnpm long:curve` measures more of them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import hre from "hardhat";
import type { Connection } from "../../scripts/deployDemec.ts";
import { type CurveErrors, measureCurve } from "./differential.ts";
import { adversarialPoints, randomPoints } from "./samples.ts";

const CURVES = Number(process.env.DEMEC_CURVES ?? 10_000);
const SEED = BigInt(process.env.DEMEC_SEED ?? 1);

let connection: Connection;
before(async () => {
  connection = await hre.network.connect({ network: "node" });
});
after(() => connection.close());

function check(errors: CurveErrors): void {
  assert.ok(errors.maxAreaError <= 1 + 1 / 60, `${errors.maxAreaError} units at ${describe(errors.worst)}`);
  assert.ok(errors.maxAreaAbove <= 1e-8, `${errors.maxAreaAbove} units above`);
  assert.ok(errors.maxPriceError <= 2 ** -30, `${errors.maxPriceError} of y3 − y0`);
  assert.deepEqual(errors.inexactInverses, []);
  assert.deepEqual(errors.strayInverses, []);
  console.log(
    `${errors.points} points: area error ≤ ${errors.maxAreaError} units (above: ${errors.maxAreaAbove}), ` +
      `price error ≤ 1 unit + ${errors.maxPriceError} of the range`,
  );
}

test("in the EVM, area, price and inverse of the flattest and steepest curves are the exact ones within the stated error", async () => {
  check(await measureCurve(connection, adversarialPoints()));
});

test(`in the EVM, area, price and inverse of ${CURVES} random curves are the exact ones within the stated error`, async () => {
  check(await measureCurve(connection, randomPoints(CURVES, SEED)));
});

const describe = (value: unknown) => JSON.stringify(value, (_, v) => (typeof v === "bigint" ? String(v) : v));
