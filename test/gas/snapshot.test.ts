// Gas and sizes of the contracts; `pnpm snapshot` after a change that was meant.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Figure, meets } from "../../bench/figures.ts";
import { measureOurs } from "../../bench/gas/ours.ts";
import {
  differences,
  gasSnapshot,
  MAX_CODE_BYTES,
  readSnapshot,
  sizeSnapshot,
  TOLERANCE,
} from "../../bench/gas/snapshot.ts";
import { startChain } from "../support/market.ts";

test("no contract has grown beyond its committed size, and none exceeds what a chain stores", async () => {
  const sizes = await sizeSnapshot();
  assert.ok(Object.keys(sizes).length >= 6);
  for (const [name, bytes] of Object.entries(sizes)) assert.ok(bytes <= MAX_CODE_BYTES, `${name} has ${bytes} bytes`);
  assert.deepEqual(
    differences(readSnapshot("size"), sizes, TOLERANCE),
    [],
    "after a change that was meant: pnpm snapshot",
  );
});

test("trading and sessions cost what was promised, and no more than was committed", async () => {
  const market = await startChain();
  const figures = await measureOurs(market);
  await market.connection.close();
  const missed = figures.filter((figure: Figure) => !meets(figure));
  assert.deepEqual(missed, []);
  const found = differences(readSnapshot("gas"), gasSnapshot(figures), TOLERANCE);
  assert.deepEqual(found, [], "after a change that was meant: pnpm snapshot");
});
