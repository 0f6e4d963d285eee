// docs/guides/gate-with-a-token.md as its reader goes through it: each block in a shell, beside a `demec dev`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { JsonProcess } from "../../scripts/local/jsonProcess.ts";

const ROOT = join(import.meta.dirname, "../..");
const CLI = join(ROOT, "packages/cli/src/main.ts");
let folder: string;
let dev: JsonProcess;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "demec-guide-"));
  dev = new JsonProcess("packages/cli/src/main.ts", ["dev", "--json"], { env: { DEMEC_HOME: join(folder, "demec") } });
  await dev.nextObject();
});
after(async () => {
  await dev?.kill("SIGINT");
  await rm(folder, { recursive: true, force: true });
});

test("the guide to gates does what it says", async () => {
  const page = await readFile(join(ROOT, "docs/guides/gate-with-a-token.md"), "utf8");
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
  const demec = join(folder, "demec.sh");
  await writeFile(demec, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  await chmod(demec, 0o755);
  // What npm would install.
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const shown = blocks.join("\n").replace("demec init members-only", "demec init members-only --no-install");
  const script = ["set -e", `demec() { "${demec}" "$@"; }`, shown].join("\n");
  const env = {
    ...process.env,
    DEMEC_HOME: join(folder, "demec"),
    DEMEC_PASSWORD: "of the club",
    NO_COLOR: "1",
    NODE_TEST_CONTEXT: "",
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  };
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: folder, env, encoding: "utf8" });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.deepEqual(stdout.match(/OPEN TO ALL|I HOLD ONE|I WAS INVITED|LET ME IN|ONCE MORE/g), [
    "OPEN TO ALL",
    "I HOLD ONE",
    "I WAS INVITED",
  ]);
  assert.equal(stdout.match(/refused: exit code 1/g)?.length, 2);
  assert.match(stderr, /ask a grantor for a grant/);
});
