// The curve as the EVM computes it against exact rational arithmetic.
import type { CurvePoints } from "@demec/protocol";
import hre from "hardhat";
import { type Abi, decodeFunctionResult, encodeFunctionData, type Hex } from "viem";
import { type Enclosure, exactArea, exactPrice } from "../../packages/protocol/src/curveExact.ts";
import type { Connection } from "../../scripts/deployDemec.ts";
import type { CurvePoint } from "./samples.ts";

interface Values {
  readonly area: bigint;
  readonly price: bigint;
  readonly inverse: bigint;
  readonly priceAtInverse: bigint;
  readonly below: bigint;
}

export interface CurveErrors {
  readonly points: number;
  /** Largest distance of R from the exact area, payment-token base units. */
  readonly maxAreaError: number;
  /** Largest excess of R over the exact area; the rest of the error is what the holders lose. */
  readonly maxAreaAbove: number;
  /** Largest distance of the price from the exact price beyond one unit, as a share of y3 − y0. */
  readonly maxPriceError: number;
  /** Points at which supplyAtPrice is not the least supply with that price. */
  readonly inexactInverses: readonly CurvePoint[];
  /** Points at which the exact price at the inverse lies outside the price's own error. */
  readonly strayInverses: readonly CurvePoint[];
  readonly worst: CurvePoint | undefined;
}

/** Points in one call: the steepest curves take some 550,000 gas each, and a call may use 2^24 (EIP-7825). */
const BATCH = 24;

/** Evaluates points by the Solidity library on an in-process chain and measures them. */
export async function measureCurve(connection: Connection, points: Iterable<CurvePoint>): Promise<CurveErrors> {
  const evaluate = await deployHarness(connection);
  const errors = { points: 0, maxAreaError: 0, maxAreaAbove: 0, maxPriceError: 0 };
  const inexactInverses: CurvePoint[] = [];
  const strayInverses: CurvePoint[] = [];
  let worst: CurvePoint | undefined;
  for (const batch of batches(points, BATCH)) {
    const values = await evaluate(batch);
    for (const [i, point] of batch.entries()) {
      const value = values[i]!;
      const { above, below } = distance(value.area, exactArea(point.curve, point.supply));
      if (Math.max(above, below) > errors.maxAreaError) worst = point;
      errors.maxAreaError = Math.max(errors.maxAreaError, above, below);
      errors.maxAreaAbove = Math.max(errors.maxAreaAbove, above);
      errors.maxPriceError = Math.max(errors.maxPriceError, priceError(point.curve, value.price, point.supply));
      if (value.priceAtInverse < point.priceWad || (value.inverse > 0n && value.below >= point.priceWad)) {
        inexactInverses.push(point);
      }
      if (isStray(point, value.inverse)) strayInverses.push(point);
      errors.points++;
    }
  }
  return { ...errors, inexactInverses, strayInverses, worst };
}

/** Slack that docs/curve.md states for a price: one unit, and 2^-30 of the difference between highest and lowest. */
function priceSlack({ y0, y3 }: CurvePoints): bigint {
  return 1n + ((y3 - y0) >> 30n);
}

function priceError(curve: CurvePoints, price: bigint, supply: bigint): number {
  const { low, high, denominator } = exactPrice(curve, supply);
  const beyond = max(low - (price + 1n) * denominator, (price - 1n) * denominator - high);
  return beyond <= 0n || curve.y3 === curve.y0 ? 0 : fraction(beyond, denominator * (curve.y3 - curve.y0));
}

/** Whether the exact curve does not cross the price between the unit before the inverse and the inverse, slack included. */
function isStray({ curve, priceWad }: CurvePoint, inverse: bigint): boolean {
  const slack = priceSlack(curve);
  const at = exactPrice(curve, inverse);
  if (at.high < (priceWad - slack) * at.denominator) return true;
  if (inverse === 0n) return false;
  const before = exactPrice(curve, inverse - 1n);
  return before.low > (priceWad + slack) * before.denominator;
}

function distance(value: bigint, { low, high, denominator }: Enclosure): { above: number; below: number } {
  return {
    above: fraction(max(0n, value * denominator - low), denominator),
    below: fraction(max(0n, high - value * denominator), denominator),
  };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const PRECISION = 10n ** 18n;
const fraction = (numerator: bigint, denominator: bigint): number =>
  Number((numerator * PRECISION) / denominator) / Number(PRECISION);

async function deployHarness(connection: Connection) {
  const client = await connection.viem.getPublicClient();
  const [wallet] = await connection.viem.getWalletClients();
  const artifact = await hre.artifacts.readArtifact("CurveHarness");
  const abi = artifact.abi as Abi;
  const hash = await wallet!.deployContract({ abi, bytecode: artifact.bytecode as Hex });
  const { contractAddress } = await client.waitForTransactionReceipt({ hash });
  return async (points: readonly CurvePoint[]): Promise<readonly Values[]> => {
    const data = encodeFunctionData({ abi, functionName: "evaluate", args: [points] });
    const params = [{ to: contractAddress!, data }, "latest"];
    const result = await connection.provider.request({ method: "eth_call", params });
    return decodeFunctionResult({ abi, functionName: "evaluate", data: result as Hex }) as readonly Values[];
  };
}

function* batches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
