import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { STATUS } from "@demec/protocol/execution";
import { SOURCES } from "../testing/calibrationKernels.ts";
import { request } from "../testing/request.ts";
import { V8Engine } from "../v8/engine.ts";
import { CALIBRATION_KERNELS } from "./kernels.ts";

const turns = (count: number) => new Uint8Array(Uint32Array.of(count).buffer);

describe("the kernels of calibration", () => {
  for (const name of ["integer", "memory", "float", "echo"] as const) {
    it(`are what their sources assemble to: ${name}`, () => {
      assert.deepEqual(CALIBRATION_KERNELS[name], SOURCES[name]());
    });
  }

  it("do the work of their class, in proportion to their turns", async () => {
    for (const name of ["integer", "memory", "float"] as const) {
      const module = await new V8Engine().compile(CALIBRATION_KERNELS[name]);
      const [one, few, many] = [1, 1_001, 2_001].map((count) =>
        module.run(request({ input: turns(count), limits: { memoryPages: 256 } })),
      );
      assert.deepEqual([one!.status, few!.status, many!.status], [STATUS.ok, STATUS.ok, STATUS.ok]);
      const counter = name === "float" ? "floatOps" : "bitOps";
      const thousand = few![counter] - one![counter];
      assert.ok(thousand > 10_000n);
      // Branches that are taken now and then make turns a little unequal.
      const ratio = Number(many![counter] - few![counter]) / Number(thousand);
      assert.ok(Math.abs(ratio - 1) < 0.05, `${name}: ${ratio}`);
      assert.ok(name !== "float" || few!.floatOps > few!.bitOps - one!.bitOps, "mostly float work");
      assert.notDeepEqual(few!.output, many!.output);
    }
  });
});
