import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ControlGroup, findHierarchy } from "./controlGroups.ts";

const hierarchy = findHierarchy();
const skip = hierarchy === undefined && "control groups can't be made here";
const LIMITS = { memoryBytes: 96 << 20, cpus: 1 };
/** Waits for a line, then takes and touches 64 MiB more than the group has. */
const HOG = `
  process.stdin.once("data", () => {
    const kept = [];
    for (let i = 0; i < 160; i++) kept.push(Buffer.alloc(1 << 20, 1));
    console.log("done");
    process.exit();
  });`;

/** Exit signal of the hog, and what the group says, in a group of `memoryBytes`. */
async function hog(memoryBytes: number): Promise<readonly [signal: string | null, hasKilled: boolean]> {
  const group = new ControlGroup(hierarchy!, { ...LIMITS, memoryBytes });
  const child = spawn(process.execPath, ["-e", HOG], { stdio: ["pipe", "ignore", "ignore"] });
  try {
    group.add(child.pid!);
    child.stdin!.write("go\n");
    const [, signal] = await once(child, "exit");
    return [signal, group.hasKilled()];
  } finally {
    child.kill("SIGKILL");
    await group.remove();
  }
}

describe("a control group", { skip }, () => {
  it("ends a process that takes more memory than it allows, and says so; one that does not is left alone", async () => {
    assert.deepEqual(await hog(96 << 20), ["SIGKILL", true]);
    assert.deepEqual(await hog(1 << 30), [null, false]);
  });

  it("left behind by a process that is dead is removed by the next", () => {
    // No pid is as large.
    const leftover = join(hierarchy!.folders[0]!, "demec-4194305-1");
    mkdirSync(leftover);
    findHierarchy();
    assert.equal(existsSync(leftover), false);
  });
});
