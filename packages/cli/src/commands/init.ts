import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { DemecError } from "@demec/protocol";
import { type Command, Option } from "commander";
import { badOption } from "../errors.ts";
import { print, step } from "../output.ts";
import { inCheckout, isCheckout, packageFile, version } from "../packageFiles.ts";

/** Folders of packages/cli/templates that a template is put together from. */
const TEMPLATES = {
  assemblyscript: ["shared", "function", "assemblyscript"],
  command: ["shared", "function", "shared-command", "command"],
  c: ["shared", "function", "shared-command", "c"],
  rust: ["shared", "function", "shared-command", "rust"],
  javascript: ["shared", "function", "shared-command", "javascript"],
  app: ["shared", "app"],
} as const;
type Template = keyof typeof TEMPLATES;

export function addInit(program: Command): void {
  program
    .command("init")
    .description("make a folder with a function, or a program that calls one, to start from")
    .argument("<name>", "of the function, and of its folder")
    .addOption(
      new Option("--template <template>", "what it is written in")
        .choices(Object.keys(TEMPLATES))
        .default("assemblyscript"),
    )
    .option("--no-install", "leave the packages it is built with to you")
    .addHelpText(
      "after",
      `
assemblyscript: a reactor, fastest to start; command: AssemblyScript too, with stdin, stdout and arguments. Both are built
by npm alone. c and rust need their compilers, javascript what docs/functions.md says. app: a TypeScript program.

Examples:
  demec init my-fn && cd my-fn && demec build && demec deploy
  demec init my-app --template app && cd my-app && node app.ts my-fn`,
    )
    .action(async (name: string, options: { template: Template; install: boolean }, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json: boolean }>();
      const { template } = options;
      const folder = resolve(name);
      checkFolder(folder);
      makeProject(folder, template);
      if (template === "app") addDependencies(folder, await sdk());
      const hasPackages = /"(devD|d)ependencies"/.test(readFileSync(join(folder, "package.json"), "utf8"));
      if (options.install && hasPackages) await step("installing its packages", () => install(folder));
      const next = template === "app" ? "node app.ts <service>" : "demec build && demec deploy";
      print(json, { folder, template }, `${name} is there. Next: cd ${name} && ${next}`);
    });
}

/** @throws cli/folder-exists, cli/bad-option for a name that is none */
function checkFolder(folder: string): void {
  const name = basename(folder);
  if (!/^[a-z][a-z0-9._-]{0,63}$/.test(name)) {
    throw badOption(`"${name}" is no name: lower-case letters, digits, - _ . only, a letter first.`, { name });
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new DemecError("cli/folder-exists", `${folder} is there already, and not empty.`, { details: { folder } });
  }
}

function makeProject(folder: string, template: Template): void {
  const values: Readonly<Record<string, string>> = {
    name: basename(folder),
    examples: template === "javascript" ? inCheckout("examples") : "",
  };
  mkdirSync(folder, { recursive: true });
  for (const part of TEMPLATES[template]) {
    cpSync(packageFile("templates", part), folder, { recursive: true });
  }
  // npm leaves a .gitignore out of packages.
  renameSync(join(folder, "gitignore"), join(folder, ".gitignore"));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, "utf8");
    writeFileSync(
      path,
      text.replace(/\{\{(\w+)\}\}/g, (_all, key: string) => values[key] ?? ""),
    );
  }
}

/** The SDK as a dependency: of this command's version from the registry, or, in a clone, packed there with all it needs. */
async function sdk(): Promise<Record<string, string>> {
  if (!isCheckout()) return { "@demec/sdk": version() };
  const pnpm = inCheckout("node_modules/pnpm/bin/pnpm.cjs");
  const pack = () =>
    promisify(execFile)(process.execPath, [pnpm, "--silent", "run", "build:packages"], { cwd: inCheckout() });
  await step("packing the SDK", pack);
  const dependencies: Record<string, string> = {};
  const add = (name: string) => {
    if (name in dependencies) return;
    const packed = inCheckout("dist/packages", name.replace("@demec/", ""), "package.json");
    const { version, dependencies: needed } = JSON.parse(readFileSync(packed, "utf8"));
    const tarball = inCheckout("dist/tarballs", `${name.replace("@demec/", "demec-")}-${version}.tgz`);
    dependencies[name] = `file:${tarball}`;
    for (const other of Object.keys(needed)) if (other.startsWith("@demec/")) add(other);
  };
  add("@demec/sdk");
  return dependencies;
}

function addDependencies(folder: string, dependencies: Readonly<Record<string, string>>): void {
  const path = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as object;
  writeFileSync(path, `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`);
}

/** @throws cli/build-failed when npm does not succeed */
async function install(folder: string): Promise<void> {
  const child = spawn("npm install --no-audit --no-fund --loglevel=error", {
    ...{ cwd: folder, shell: true },
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "close");
  if (child.exitCode !== 0) {
    throw new DemecError("cli/build-failed", `npm install failed in ${folder}.`, { details: { folder } });
  }
}
