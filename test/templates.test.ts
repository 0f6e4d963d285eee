// The commands that `demec init` writes in each language, from an empty folder to a paid call. That the reactor does too is in dev.test.ts.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { buildFunctions, whyNotBuilt } from "../scripts/build-functions.ts";
import { rustCompiler, TOOLCHAINS } from "../scripts/functions/toolchains.ts";
import { JsonProcess } from "../scripts/local/jsonProcess.ts";
import { runCli } from "./support/runCli.ts";

const ROOT = join(import.meta.dirname, "..");
const { clang, rustc } = TOOLCHAINS;
/** Why a template is left out here, which `REQUIRE_ALL` counts as a failure. */
const TEMPLATES = {
  command: undefined,
  c: clang.missing(),
  rust: rustc.missing(),
  javascript: whyNotBuilt("javascript/build/javascript.wasm"),
};

let home: string;
let env: Record<string, string>;
let dev: JsonProcess;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "demec-templates-"));
  // A compiler that is not the first of its name on the path.
  const tools = [rustCompiler() ?? ""].filter((path) => path.includes("/")).map(dirname);
  env = { DEMEC_HOME: join(home, "demec"), PATH: [...tools, process.env.PATH].join(delimiter) };
  dev = new JsonProcess("packages/cli/src/main.ts", ["dev", "--json"], { env });
  await Promise.all([dev.nextObject(), buildFunctions()]);
});
after(async () => {
  await dev?.kill("SIGINT");
  await rm(home, { recursive: true, force: true });
});

/** What npm would install for the one template that has packages. */
async function installAssemblyScript(modules: string): Promise<void> {
  const packages = join(ROOT, "examples/functions/node_modules");
  await mkdir(join(modules, ".bin"), { recursive: true });
  for (const name of ["assemblyscript", "@assemblyscript"]) await symlink(join(packages, name), join(modules, name));
  await symlink(join(packages, "assemblyscript/bin/asc.js"), join(modules, ".bin/asc"));
}

for (const [template, missing] of Object.entries(TEMPLATES)) {
  test(`what init writes in ${template} builds, passes its own test, deploys and answers`, {
    skip: missing ?? false,
  }, async () => {
    const project = join(home, `shout-${template}`);
    const demec = async (...args: string[]) => {
      const { code, stderr } = await runCli([...args, "--json"], env, "", args[0] === "init" ? home : project);
      assert.equal(code, 0, stderr);
    };
    await demec("init", project, "--template", template, "--no-install");
    await installAssemblyScript(join(project, "node_modules"));
    await demec("build");
    if (template !== "javascript") {
      const own = spawnSync(process.execPath, ["--test"], {
        cwd: project,
        env: { ...process.env, NODE_TEST_CONTEXT: "" },
      });
      assert.equal(own.status, 0, own.stdout.toString());
    }
    await demec("deploy");
    const { stdout, code, stderr } = await runCli(["invoke", `shout-${template}`], env, "hello, edge");
    assert.deepEqual([stdout.toString(), code], ["HELLO, EDGE", 0], stderr);
  });
}
