import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { balanced, type Candidate, nearestFirst } from "./selection.ts";

const TOKEN = 10n ** 18n;
const PLAIN = { regionDepth: 0, rttMs: 50, staked: 1_000n * TOKEN, bondPerCredit: 0n, successes: 0, faults: 0 };

function candidate(changes: Partial<typeof PLAIN>): Candidate {
  const { regionDepth, rttMs, staked, bondPerCredit, ...experience } = { ...PLAIN, ...changes };
  const [provider, advert] = [{ staked }, { bondPerCredit }];
  return { regionDepth, rttMs, experience, provider, advert } as unknown as Candidate;
}

test("everybody is ranked once, the given list untouched, and the order does not depend on the order given", () => {
  const some = fc.record({
    regionDepth: fc.nat(4),
    rttMs: fc.oneof(fc.nat(500), fc.constant(Number.POSITIVE_INFINITY)),
    staked: fc.bigInt(0n, 10n ** 24n),
    bondPerCredit: fc.bigInt(0n, 10n ** 24n),
    successes: fc.nat(1_000),
    faults: fc.nat(1_000),
  });
  fc.assert(
    fc.property(fc.uniqueArray(some, { selector: ({ staked }) => staked }), (list) => {
      const candidates = list.map(candidate);
      const given = [...candidates];
      const ranked = balanced(candidates);
      assert.deepEqual(candidates, given);
      assert.deepEqual(new Set(ranked), new Set(candidates));
      assert.equal(ranked.length, candidates.length);
    }),
  );
});

const cases: [what: string, better: Partial<typeof PLAIN>, worse: Partial<typeof PLAIN>][] = [
  ["a shorter round trip", { rttMs: 20 }, { rttMs: 30 }],
  ["unmeasured, the nearer region", { rttMs: Infinity, regionDepth: 3 }, { rttMs: Infinity, regionDepth: 1 }],
  ["a measured round trip, over a nearer region", { rttMs: 10 }, { rttMs: 60, regionDepth: 3 }],
  ["fewer failures", { successes: 100, faults: 1 }, { successes: 100, faults: 20 }],
  ["a stranger, over one that failed", {}, { faults: 1 }],
  ["one that proved itself, over a stranger", { successes: 100 }, {}],
  ["a farther one that works, over a near one that fails", { rttMs: 100 }, { rttMs: 10, successes: 50, faults: 50 }],
  ["more own stake", { staked: 4_000n * TOKEN }, { staked: 1_000n * TOKEN }],
  ["a shorter round trip, over any stake", { rttMs: 10, staked: 0n }, { rttMs: 100, staked: 10n ** 27n }],
  ["of equals, the higher bond", { bondPerCredit: 2n }, { bondPerCredit: 1n }],
];
for (const [what, better, worse] of cases) {
  test(`preferred: ${what}`, () => {
    const [first, second] = [candidate(better), candidate(worse)];
    assert.deepEqual(balanced([first, second]), [first, second]);
    assert.deepEqual(balanced([second, first]), [first, second]);
  });
}

test("nearestFirst ranks by region, and as balanced does within one", () => {
  const [far, slow, quick] = [
    candidate({ rttMs: 1 }),
    candidate({ regionDepth: 2, rttMs: 90 }),
    candidate({ regionDepth: 2, rttMs: 30 }),
  ] as const;
  assert.deepEqual(nearestFirst([far, slow, quick]), [quick, slow, far]);
});
