import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { creditsUp, type Tariff } from "@demec/protocol";
import fc from "fast-check";
import { type Measurements, tariffOf, type WorkMeasurement } from "./tariff.ts";

const CLASSES = ["integer", "memory", "float", "bytes"] as const;
const count = fc.bigInt({ min: 10n ** 8n, max: 10n ** 13n });
const energy = fc.double({ min: 1, max: 1e5, noNaN: true });

/** A class of which one kind of work stands out. */
const work = (parts: Partial<Record<"floatOps" | "bytes", true>>): fc.Arbitrary<WorkMeasurement> =>
  fc.record({
    bitOps: parts.floatOps || parts.bytes ? fc.bigInt({ min: 1n, max: 10n ** 6n }) : count,
    floatOps: parts.floatOps ? count : fc.constant(0n),
    bytes: parts.bytes ? count : fc.constant(0n),
    seconds: fc.constant(3),
    joules: energy,
  });
const measurements: fc.Arbitrary<Measurements> = fc.record({
  integer: work({}),
  memory: work({}),
  float: work({ floatOps: true }),
  bytes: work({ bytes: true }),
});

const scaled = (all: Measurements, change: (one: WorkMeasurement) => Partial<WorkMeasurement>) =>
  Object.fromEntries(CLASSES.map((name) => [name, { ...all[name], ...change(all[name]) }])) as unknown as Measurements;
const coefficients = ({ a, b, c }: Tariff) => [a, b, c];
const differsBy = (x: bigint, y: bigint) => (x > y ? x - y : y - x);

describe("the tariff of a machine", () => {
  it("takes a credit for a watt-hour: a joule a million operations is 1/3600 credit", () => {
    const one = { bitOps: 0n, floatOps: 0n, bytes: 0n, seconds: 1, joules: 1 };
    const tariff = tariffOf({
      integer: { ...one, bitOps: 1_500_000n },
      memory: { ...one, bitOps: 500_000n },
      float: { ...one, bitOps: 500_000n, floatOps: 1_000_000n },
      bytes: { ...one, bytes: 2_000_000n },
    });
    const joule = 10n ** 18n / 3600n;
    for (const [actual, expected] of [
      [tariff.a, joule],
      [tariff.b, joule / 2n],
      [tariff.c, joule / 2n],
    ] as const) {
      assert.ok(differsBy(actual, expected) <= 100n, `${actual} for ${expected}`);
    }
    assert.deepEqual([tariff.d, tariff.e, tariff.f], [0n, 0n, 0n]);
  });

  it("prices all that was measured at the energy that it took", () => {
    fc.assert(
      fc.property(measurements, (all) => {
        const classes = CLASSES.map((name) => all[name]);
        const sum = (of: (one: WorkMeasurement) => bigint) => classes.reduce((total, one) => total + of(one), 0n);
        const tariff = tariffOf(all);
        const usage = {
          bitOps: sum((one) => one.bitOps),
          floatOps: sum((one) => one.floatOps),
          bytes: sum((one) => one.bytes),
          ...{ durationMs: 0, latencyMs: 0, pingMs: 0 },
        };
        const wattHours = classes.reduce((total, one) => total + one.joules, 0) / 3600;
        const priced = Number(creditsUp(tariff, usage)) / 1e18;
        // Integer work that stands in float work and bytes may cost more than those took: then the price is above it.
        const explained = tariff.b > 0n && tariff.c > 0n;
        const tolerance = 1e-6 * wattHours;
        assert.ok(priced >= wattHours - tolerance, `${priced} for ${wattHours}`);
        assert.ok(!explained || priced <= wattHours + tolerance, `${priced} for ${wattHours}`);
      }),
    );
  });

  it("doubles with the power", () => {
    fc.assert(
      fc.property(measurements, (all) => {
        const twice = tariffOf(scaled(all, ({ joules }) => ({ joules: joules * 2 })));
        for (const [index, once] of coefficients(tariffOf(all)).entries()) {
          const tolerance = 2n + once / 10n ** 9n;
          assert.ok(differsBy(coefficients(twice)[index]!, 2n * once) <= tolerance);
        }
      }),
    );
  });

  it("halves on a machine that does twice the work with the same energy", () => {
    fc.assert(
      fc.property(measurements, (all) => {
        const half = tariffOf(
          scaled(all, ({ bitOps, floatOps, bytes }) => ({
            bitOps: 2n * bitOps,
            floatOps: 2n * floatOps,
            bytes: 2n * bytes,
          })),
        );
        for (const [index, once] of coefficients(tariffOf(all)).entries()) {
          const tolerance = 2n + once / 10n ** 9n;
          assert.ok(differsBy(2n * coefficients(half)[index]!, once) <= tolerance);
        }
      }),
    );
  });

  it("has no negative price", () => {
    const one = { bitOps: 10n ** 9n, floatOps: 1n, bytes: 1n, seconds: 1, joules: 1 };
    const dear = { ...one, joules: 100 };
    const tariff = tariffOf({ integer: dear, memory: dear, float: one, bytes: one });
    assert.deepEqual([tariff.b, tariff.c], [0n, 0n]);
  });
});
