import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FileVault } from "./fileVault.ts";

const KEY = `0x${"0b".repeat(32)}` as const;
const ADDRESS = `0x${"Ab".repeat(20)}` as const;

test("a session key is found again by its address, and is readable by its owner alone", async (t) => {
  const folder = join(await mkdtemp(join(tmpdir(), "demec-vault-")), "keys");
  t.after(() => rm(join(folder, ".."), { recursive: true, force: true }));
  const vault = new FileVault(folder);
  assert.equal(await vault.load(ADDRESS), null);
  await vault.save(ADDRESS, KEY);
  assert.equal(await vault.load(ADDRESS.toLowerCase() as typeof ADDRESS), KEY);
  assert.equal(await new FileVault(folder).load(ADDRESS), KEY);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  const [file] = await readdir(folder);
  assert.equal((await stat(join(folder, file!))).mode & 0o777, 0o600);
  await assert.rejects(vault.save(ADDRESS, KEY), { code: "session/vault-failed" });
  await writeFile(join(folder, file!), KEY.slice(0, 20));
  assert.equal(await vault.load(ADDRESS), null, "half a key is none");
});
