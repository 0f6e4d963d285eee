import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ClassicLevel } from "classic-level";
import { A, fault, idsOf, JOURNAL_CONTRACT } from "../testing/journalContract.ts";
import { LevelJournal } from "./levelJournal.ts";

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "demec-journal-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "journal");
}

for (const [property, show] of Object.entries(JOURNAL_CONTRACT)) {
  test(property, async (context) => {
    const folder = await folderOf(context);
    const store = () =>
      new ClassicLevel<Uint8Array, Uint8Array>(folder, { keyEncoding: "view", valueEncoding: "view" });
    await show({
      open: () => LevelJournal.open(folder),
      entries: async () => {
        const db = store();
        const { length } = await db.keys().all();
        await db.close();
        return length;
      },
      spoil: async (bytes) => {
        const db = store();
        const [key] = await db.keys().all();
        await db.put(key!, bytes);
        await db.close();
      },
    });
  });
}

test("a second process, or a second opening, is refused by name", async (context) => {
  const folder = await folderOf(context);
  const journal = await LevelJournal.open(folder);
  await assert.rejects(LevelJournal.open(folder), { code: "session/journal-locked" });
  await journal.close();
});

test("kill -9 at any moment takes nothing that was durable, and leaves no hole", async (context) => {
  const folder = await folderOf(context);
  const script = `
    import { LevelJournal } from ${JSON.stringify(import.meta.resolve("./levelJournal.ts"))};
    const [folder, from] = process.argv.slice(1);
    const journal = await LevelJournal.open(folder);
    for (let id = Number(from); ; id++) {
      for (const soon of [true, false]) {
        const done = journal.append("${A}", [{ type: "fault", callId: 2 * id + (soon ? 0 : 1) }], { soon });
        if (!soon) { await done; process.stdout.write(id + "\\n"); }
      }
    }`;
  let next = 0;
  for (const afterMs of [5, 17, 40]) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, "--", folder, String(next)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let newest = -1;
    let killing = false;
    for await (const chunk of child.stdout) {
      const lines = String(chunk).split("\n").slice(0, -1);
      if (lines.length > 0) newest = Number(lines.at(-1));
      if (!killing) setTimeout(() => child.kill("SIGKILL"), afterMs);
      killing = true;
    }
    const journal = await LevelJournal.open(folder);
    const ids = idsOf((await journal.load(A))?.records);
    await journal.close();
    assert.ok(newest >= next && ids.length >= 2 * (newest + 1), `${ids.length} records after ${newest} was durable`);
    assert.deepEqual(
      ids,
      ids.map((_, index) => index),
    );
    // A record that nobody waited for may have survived alone: go on after the pair that it belongs to.
    if (ids.length % 2 === 1) {
      const repair = await LevelJournal.open(folder);
      await repair.append(A, [fault(ids.length)]);
      await repair.close();
    }
    next = Math.ceil(ids.length / 2);
  }
});
