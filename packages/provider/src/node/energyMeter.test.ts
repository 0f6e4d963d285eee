import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { raplMeter, statedMeter } from "./energyMeter.ts";

describe("the meter of RAPL", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "demec-rapl-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const set = (domain: string, name: string, energy: number, range = 1_000_000_000) => {
    mkdirSync(join(folder, domain), { recursive: true });
    for (const [file, value] of Object.entries({ name, energy_uj: energy, max_energy_range_uj: range })) {
      writeFileSync(join(folder, domain, file), `${value}\n`);
    }
  };

  it("is none where Linux shows no counters", () => {
    assert.equal(raplMeter(join(folder, "missing")), undefined);
    assert.equal(raplMeter(folder), undefined);
  });

  it("adds up the packages, without their parts and the platform, over every wrap", () => {
    set("intel-rapl:0", "package-0", 999_000_000);
    set("intel-rapl:1", "package-1", 5);
    set("intel-rapl:0:0", "core", 1);
    set("intel-rapl:2", "psys", 1);
    const meter = raplMeter(folder)!;
    assert.equal(meter.joules(), 0);
    set("intel-rapl:0:0", "core", 900_000);
    set("intel-rapl:2", "psys", 900_000);
    set("intel-rapl:1", "package-1", 2_000_005);
    assert.equal(meter.joules(), 2);
    for (const energy of [1_000_000, 500_000_000, 0]) set("intel-rapl:0", "package-0", energy);
    assert.equal(meter.joules(), 3);
    set("intel-rapl:0", "package-0", 7_000_000);
    assert.equal(meter.joules(), 10);
  });
});

describe("a stated meter", () => {
  it("counts watts times seconds", async () => {
    const meter = statedMeter(1000);
    const started = performance.now();
    const first = meter.joules();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = meter.joules();
    const elapsed = performance.now() - started;
    assert.ok(second - first >= 19 && second - first <= elapsed + 1);
  });
});
