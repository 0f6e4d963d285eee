import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isDemecError } from "@demec/protocol";
import { decryptKeystoreJson, encryptKeystoreJson } from "ethers";
import { decryptKeystore, hasKey, keyAddress, listKeys, saveKey, unlockKey } from "./keystore.ts";

const KEY = `0x${"0b".repeat(32)}` as const;
/** Scrypt as weak as it gets: the tests are about the rest. */
const ROUNDS = 2;

let home: string;
before(async () => {
  home = await mkdtemp(join(tmpdir(), "demec-keys-"));
});
after(() => rm(home, { recursive: true, force: true }));

test("a key is kept encrypted, readable by its owner alone, and opens with its password only", async () => {
  const stored = await saveKey(home, "main", KEY, "secret", ROUNDS);
  assert.deepEqual(listKeys(home), [stored]);
  assert.equal(keyAddress(home, "main"), stored.address);
  assert.ok(hasKey(home, "main") && !hasKey(home, "other"));
  const path = join(home, "keys/main.json");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(join(home, "keys"))).mode & 0o777, 0o700);
  assert.ok(!(await readFile(path, "utf8")).toLowerCase().includes(KEY.slice(2, 20)));
  assert.equal(await unlockKey(home, "main", "secret"), KEY);
  await assert.rejects(unlockKey(home, "main", "Secret"), { code: "cli/wrong-password" });
});

test("other wallets read our keystores, and we read theirs", async () => {
  const ours = await readFile(join(home, "keys/main.json"), "utf8");
  const { address, privateKey } = await decryptKeystoreJson(ours, "secret");
  assert.deepEqual([address, privateKey], [keyAddress(home, "main"), KEY]);
  // With parameters of scrypt other than ours.
  const theirs = await encryptKeystoreJson({ address, privateKey }, "theirs", { scrypt: { N: 4, r: 4, p: 2 } });
  assert.equal(await decryptKeystore(theirs, "theirs"), KEY);
});

test("a key is never overwritten, and a name can't lead out of the folder", async () => {
  await assert.rejects(saveKey(home, "main", KEY, "other", ROUNDS), { code: "cli/key-exists" });
  assert.equal(await unlockKey(home, "main", "secret"), KEY);
  await assert.rejects(unlockKey(home, "none", "secret"), { code: "cli/unknown-key" });
  for (const name of ["../main", "a/b", "", ".hidden"]) {
    await assert.rejects(
      async () => saveKey(home, name, KEY, "secret", ROUNDS),
      (error) => isDemecError(error, "cli/bad-option"),
    );
  }
});

test("a file that is no keystore is refused", async () => {
  for (const text of ["", "{}", '{"version":1,"crypto":{"kdf":"scrypt"}}']) {
    await assert.rejects(decryptKeystore(text, "secret"), { code: "cli/bad-option" });
  }
});
