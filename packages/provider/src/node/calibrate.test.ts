import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { creditsUp } from "@demec/protocol";
import { calibrate } from "./calibrate.ts";

describe("the calibration of this machine", () => {
  it("finds a tariff that prices the work it measured at the energy it took", async () => {
    const watts = 36;
    const { measurements, tariff, energySource, lanes } = await calibrate({ watts, secondsPerClass: 0.3, lanes: 1 });
    assert.deepEqual([energySource, lanes], ["36 W as stated", 1]);
    const { integer, memory, float, bytes } = measurements;
    const all = [integer, memory, float, bytes];
    for (const { joules, seconds } of all) {
      assert.ok(seconds >= 0.3);
      assert.ok(Math.abs(joules / (watts * seconds) - 1) < 0.01);
    }
    assert.ok(integer.bitOps > 0n && memory.bitOps > 0n && float.floatOps > 0n && bytes.bytes > 0n);
    assert.ok(tariff.a > 0n && tariff.b > 0n && tariff.c > 0n);
    const none = { durationMs: 0, latencyMs: 0, pingMs: 0 };
    const credits = all.map(({ bitOps, floatOps, bytes }) => creditsUp(tariff, { bitOps, floatOps, bytes, ...none }));
    const priced = Number(credits.reduce((sum, one) => sum + one)) / 1e18;
    const wattHours = all.reduce((sum, { joules }) => sum + joules, 0) / 3600;
    // Bytes that carried the turns of the other kernels are priced as bytes, too: a few.
    assert.ok(Math.abs(priced / wattHours - 1) < 1e-3, `${priced} for ${wattHours}`);
  });
});
