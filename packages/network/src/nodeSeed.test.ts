import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { nodeSeed } from "./nodeSeed.ts";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "demec-seed-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return join(path, "data");
}

test("a seed is made once, read again ever after, and readable by its owner alone", async (t) => {
  const path = await folder(t);
  const seed = await nodeSeed(path);
  assert.equal(seed.length, 32);
  assert.deepEqual(await nodeSeed(path), seed);
  assert.deepEqual(await readdir(path), ["node.seed"]);
  assert.equal((await stat(join(path, "node.seed"))).mode & 0o777, 0o600);
  assert.equal((await stat(path)).mode & 0o777, 0o700);
  assert.notDeepEqual(await nodeSeed(await folder(t)), seed);
});

test("a file that is no seed is refused, named and left alone", async (t) => {
  const path = await folder(t);
  await nodeSeed(path);
  await writeFile(join(path, "node.seed"), "short");
  await assert.rejects(nodeSeed(path), {
    code: "network/bad-node-seed",
    details: { path: join(path, "node.seed"), bytes: 5 },
  });
});
