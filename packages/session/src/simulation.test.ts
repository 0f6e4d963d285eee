import { test } from "node:test";
import fc from "fast-check";
import { Simulation } from "./testing/simulation.ts";

// A failing run is reported with its seed; set DEMEC_SHRINK to have it made small, which takes minutes.
const endOnFailure = process.env.DEMEC_SHRINK === undefined;
// The same runs every time in CI; a long run explores others: DEMEC_SEED=$RANDOM DEMEC_SIMULATIONS=10000.
const seed = Number(process.env.DEMEC_SEED ?? 1);
const runs = Number(process.env.DEMEC_SIMULATIONS ?? 120);

test("through crashes, losses and reconnects: charged once, states monotone, exposure bounded, every call answered", async () => {
  const choices = fc.array(fc.nat({ max: 2 ** 30 }), { minLength: 50, maxLength: 500, size: "max" });
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 95 }), choices, async (temper, steps) => {
      const simulation = new Simulation(temper);
      for (const choice of steps) await simulation.step(choice);
      await simulation.finish();
    }),
    { numRuns: runs, endOnFailure, seed },
  );
});
