import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Hex } from "@demec/protocol";
import { ClassicLevel } from "classic-level";
import type { JournalRecord } from "../records.ts";
import { LevelJournal } from "./levelJournal.ts";

const A: Hex = `0x${"aa".repeat(32)}`;
const B: Hex = `0x${"bb".repeat(32)}`;
const fault = (callId: number): JournalRecord => ({ type: "fault", callId });
const idsOf = (records: readonly JournalRecord[] = []) =>
  records.map((record) => (record as { callId: number }).callId);

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "demec-journal-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "journal");
}

test("what was appended is there after closing, by session, in order; sessions never seen are null", async (context) => {
  const folder = await folderOf(context);
  const first = await LevelJournal.open(folder);
  await first.append(A, [fault(1), fault(2)]);
  await first.append(B, [fault(9)]);
  void first.append(A, [fault(3)], { soon: true });
  await first.append(A, [fault(4)]);
  await first.close();
  const second = await LevelJournal.open(folder);
  await second.append(A, [fault(5)]);
  assert.deepEqual(idsOf((await second.load(A))?.records), [1, 2, 3, 4, 5]);
  assert.deepEqual(idsOf((await second.load(B))?.records), [9]);
  assert.equal(await second.load(`0x${"cc".repeat(32)}`), null);
  assert.deepEqual(await second.list(), [A, B]);
  await second.close();
});

test("a log that is dropped is gone, over later writes and a restart, and no other one is", async (context) => {
  const folder = await folderOf(context);
  const first = await LevelJournal.open(folder);
  await first.append(A, [fault(1)]);
  await first.append(A, [fault(2)], { soon: true });
  await first.append(B, [fault(9)], { soon: true });
  await first.drop(A);
  assert.equal(await first.load(A), null);
  await first.append(B, [fault(10)]);
  await first.close();
  const second = await LevelJournal.open(folder);
  assert.deepEqual(await second.list(), [B]);
  assert.deepEqual(idsOf((await second.load(B))?.records), [9, 10]);
  await second.close();
});

test("many appends at once share few writes", async (context) => {
  const folder = await folderOf(context);
  const journal = await LevelJournal.open(folder);
  const appends: Promise<void>[] = [];
  for (let i = 0; i < 1_000; i++) appends.push(journal.append(i % 2 === 0 ? A : B, [fault(i)]));
  await Promise.all(appends);
  await journal.close();
  const db = new ClassicLevel(folder);
  assert.ok((await db.keys().all()).length <= 4);
  await db.close();
});

test("records that nobody waits for are written by themselves before long", async (context) => {
  const folder = await folderOf(context);
  const journal = await LevelJournal.open(folder);
  await journal.append(A, [fault(1)], { soon: true });
  assert.deepEqual(idsOf((await journal.load(A))?.records), [1]);
  await journal.close();
});

test("a second process, or a second opening, is refused by name", async (context) => {
  const folder = await folderOf(context);
  const journal = await LevelJournal.open(folder);
  await assert.rejects(LevelJournal.open(folder), { code: "session/journal-locked" });
  await journal.close();
});

test("after a failed write nothing more is written: a log ends, it never has a hole", async (context) => {
  const journal = await LevelJournal.open(await folderOf(context));
  const bad = { type: "receipt", callId: 1, receipt: new Uint8Array(3) } as const;
  assert.equal(journal.failed, false);
  await assert.rejects(journal.append(A, [bad]));
  assert.equal(journal.failed, true);
  await assert.rejects(journal.append(A, [fault(2)]));
  assert.equal(await journal.load(A), null);
  await journal.close();
});

test("an entry that can't be read is reported as corrupt", async (context) => {
  const folder = await folderOf(context);
  const journal = await LevelJournal.open(folder);
  await journal.append(A, [fault(1)]);
  await journal.close();
  const db = new ClassicLevel<Uint8Array, Uint8Array>(folder, { keyEncoding: "view", valueEncoding: "view" });
  const [key] = await db.keys().all();
  await db.put(key!, Uint8Array.of(1, 99));
  await db.close();
  const again = await LevelJournal.open(folder);
  await assert.rejects(again.load(A), { code: "session/journal-corrupt" });
  await again.close();
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
