// A browser's journal, vault and ownership, in Chromium: what fakes of IndexedDB and of locks would only claim to show.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { JOURNAL_CONTRACT } from "@demec/session/testing";
import { Chromium, type CodeInBrowser, skipChromium } from "../support/chromium.ts";
import { beside, cdp, crash } from "../support/tabs.ts";

type Stores = typeof import("./pages/stores.ts");
const ENTRY = join(import.meta.dirname, "pages/stores.ts");
const KEY = `0x${"0b".repeat(32)}` as const;
const ADDRESS = `0x${"Ab".repeat(20)}` as const;
const OTHER = `0x${"cd".repeat(20)}` as const;
const skip = skipChromium;

let profile: string;
let chromium: Chromium;
let page: CodeInBrowser<Stores>;
before(async () => {
  if (skip) return;
  profile = await mkdtemp(join(tmpdir(), "demec-profile-"));
  chromium = await Chromium.openProfile(profile);
  page = await chromium.openPage<Stores>(ENTRY);
});
after(async () => {
  await chromium?.[Symbol.asyncDispose]();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

for (const property of Object.keys(JOURNAL_CONTRACT)) {
  test(`journal: ${property}`, { skip }, () => page.call("holds", property));
}

test("a browser that is killed at any moment has lost nothing durable, and its logs have no hole", {
  skip,
}, async (t) => {
  const profile = await mkdtemp(join(tmpdir(), "demec-profile-"));
  t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  let port: number | undefined;
  let next = 0;
  for (const afterMs of [100, 300]) {
    {
      await using browser = await Chromium.openProfile(profile, port);
      port = browser.port;
      const writer = await browser.openPage<Stores>(ENTRY);
      await writer.call("writeForEver", "killed", next);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      const newest = await writer.call("newestWritten");
      await browser.kill();
      assert.ok(newest >= next, "something was written");
      next = newest + 1;
    }
    await using browser = await Chromium.openProfile(profile, port);
    const reader = await browser.openPage<Stores>(ENTRY);
    const ids = await reader.call("readIds", "killed");
    assert.ok(ids.length >= 2 * next, `${ids.length} records after ${next - 1} was durable`);
    assert.deepEqual(ids, [...ids.keys()]);
    // A record that nobody waited for may have survived alone: go on after the pair that it belongs to.
    if (ids.length % 2 === 1) await reader.call("appendOne", "killed", ids.length);
    next = Math.ceil(ids.length / 2);
    t.diagnostic(
      `durable one by one and many at once: ${JSON.stringify(await reader.call("measure", `m${next}`, 500))}`,
    );
  }
});

test("a journal that has no room left, or whose database is gone, fails and stays failed", {
  skip,
}, async () => {
  await using browser = await Chromium.launch();
  await using small = await browser.openPage<Stores>(ENTRY);
  const origin = new URL("/", small.page.url()).href;
  await (await cdp(small.page)).send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 4 << 20 });
  assert.deepEqual(await small.call("fill", "full", 64 << 20), { first: "QuotaExceededError", failed: true });
  assert.deepEqual(await page.call("loseUnderneath", "lost"), { code: "session/journal-failed", failed: true });
});

test("a database of a later version is refused by name", { skip }, async () => {
  assert.equal(await page.call("openNewer", "newer"), "session/journal-failed");
});

test("a key is found again by its address, in any case and any tab, until it is removed", { skip }, async () => {
  assert.equal(await page.call("loadKey", "vault", ADDRESS), null);
  assert.equal(await page.call("saveKey", "vault", ADDRESS, KEY), "kept");
  await using other = await beside(page);
  assert.equal(await other.call("loadKey", "vault", ADDRESS.toLowerCase() as typeof ADDRESS), KEY);
  assert.equal(await page.call("saveKey", "vault", ADDRESS, KEY), "session/vault-failed", "none is written over");
  await page.call("removeKey", "vault", ADDRESS);
  assert.equal(await other.call("loadKey", "vault", ADDRESS), null);
  assert.ok(await page.call("vaultsAtOnce", "vaults at once", ADDRESS, KEY));
});

test("what lies in a vault's database tells no key, and is bound to its address", { skip }, async () => {
  await page.call("saveKey", "spilt", ADDRESS, KEY);
  const { bytes, exported } = await page.call("spill", "spilt");
  assert.ok(bytes.length > 64 && !bytes.includes(KEY.slice(2, 18)));
  assert.equal(exported, "InvalidAccessError");
  await page.call("moveKey", "spilt", ADDRESS, OTHER);
  assert.equal(await page.call("loadKey", "spilt", OTHER), "session/vault-failed");
});

test("one tab or worker owns a name: another is refused, waits, or asks and gets it", { skip }, async () => {
  await using second = await beside(page);
  assert.equal(await page.call("own", "owned", "refuse"), "owner");
  assert.equal(await second.call("own", "owned", "refuse"), "session/journal-locked");
  const waiting = second.call("own", "owned", "wait");
  assert.equal(await page.call("timesAsked"), 0, "who waits does not ask");
  await page.call("disown");
  assert.equal(await waiting, "owner");
  assert.equal(await page.call("own", "owned", "ask"), "owner");
  assert.equal(await second.call("timesAsked"), 1);
  await page.call("disown");
});

test("an owner that dies frees what it owned; one that does not let go keeps it", { skip }, async () => {
  await using first = await beside(page);
  assert.equal(await first.call("own", "dying", "ask", undefined, true), "owner");
  assert.equal(await page.call("own", "dying", "ask", 1_200), "session/journal-locked");
  await crash(first);
  assert.equal(await page.call("own", "dying", "ask"), "owner");
});
