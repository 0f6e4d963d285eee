// How a service worker keeps results within its bytes, whoever else of the origin keeps there.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Chromium, type CodeInBrowser, skipChromium as skip } from "../support/chromium.ts";
import { beside } from "../support/tabs.ts";

type Results = typeof import("./pages/results.ts");
/** Of an entry beside its body. */
const ENTRY = 1_024;
const idsOf = (held: readonly [number, number][]) => held.map(([id]) => id);
const bytesOf = (held: readonly [number, number][]) => held.reduce((sum, [, bytes]) => sum + bytes + ENTRY, 0);

let chromium: Chromium;
let first: CodeInBrowser<Results>;
let second: CodeInBrowser<Results>;
before(async () => {
  if (skip) return;
  chromium = await Chromium.launch();
  first = await chromium.openPage<Results>(join(import.meta.dirname, "pages/results.ts"));
  second = await beside(first);
});
after(() => chromium?.[Symbol.asyncDispose]());

const openBoth = async (name: string, maxBytes: number) => {
  await first.call("open", name, maxBytes);
  await second.call("open", name, maxBytes);
};

test("results are kept to the last byte of the bound, the longest unused go, and the cache is counted once", {
  skip,
}, async () => {
  await first.call("open", "alone", 5 * (1_000 + ENTRY));
  assert.equal(await first.call("put", 0, Array(5).fill(1_000)), 1);
  assert.deepEqual(idsOf(await first.call("held", "alone")), [0, 1, 2, 3, 4]);
  assert.equal(await first.call("get", 0), 1_000);
  assert.equal(await first.call("put", 5, [1_000]), 0);
  assert.deepEqual(idsOf(await first.call("held", "alone")), [2, 3, 4, 0, 5]);
  assert.equal(await first.call("put", 6, [1_001]), 0, "one byte more takes a second one's place");
  assert.deepEqual(idsOf(await first.call("held", "alone")), [4, 0, 5, 6]);
  assert.equal(await first.call("put", 5, [500, 6 * (1_000 + ENTRY)]), 0, "again, and one that never fits");
  assert.deepEqual(idsOf(await first.call("held", "alone")), [4, 0, 6, 5]);
});

test("what another worker of the origin writes is counted: the bound holds for all of them", { skip }, async () => {
  const bound = 6 * (2_000 + ENTRY);
  await openBoth("shared", bound);
  for (let i = 0; i < 4; i++) {
    assert.ok((await first.call("put", 10 * i, [2_000, 2_000])) <= 1);
    await second.call("put", 100 + 10 * i, [2_000]);
    assert.ok(bytesOf(await first.call("held", "shared")) <= bound);
  }
  await Promise.all([first.call("putAtOnce", 1_000, 40, 2_000), second.call("putAtOnce", 2_000, 40, 2_000)]);
  assert.equal(bytesOf(await first.call("held", "shared")), bound);
});

test("what was taken by the browser, or left by a worker that is gone, is counted anew", { skip }, async () => {
  const bound = 3 * (1_000 + ENTRY);
  await openBoth("taken", bound);
  await first.call("put", 0, [1_000, 1_000, 1_000]);
  await first.call("clear", "taken");
  await openBoth("taken", bound);
  await first.call("put", 10, [1_000, 1_000, 1_000]);
  assert.deepEqual(idsOf(await first.call("held", "taken")), [10, 11, 12]);
  await second.call("put", 20, [1_000]);
  assert.deepEqual(idsOf(await second.call("held", "taken")), [11, 12, 20]);
});
