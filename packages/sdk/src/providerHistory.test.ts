import assert from "node:assert/strict";
import { test } from "node:test";
import { ProviderHistory } from "./providerHistory.ts";

const [KEY, OTHER] = [`0x${"11".repeat(32)}`, `0x${"22".repeat(32)}`] as const;

test("experience is kept by provider, and what is ten minutes old counts half", () => {
  const history = new ProviderHistory();
  for (let i = 0; i < 3; i++) history.record(KEY, true, 0);
  history.record(KEY, false, 0);
  assert.deepEqual(history.of(KEY, 0), { successes: 3, faults: 1 });
  assert.deepEqual(history.of(KEY, 600_000), { successes: 1.5, faults: 0.5 });
  history.record(KEY, true, 600_000);
  assert.deepEqual(history.of(KEY, 600_000), { successes: 2.5, faults: 0.5 });
  assert.deepEqual(history.of(OTHER, 0), { successes: 0, faults: 0 });
});
