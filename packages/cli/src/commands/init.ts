import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { DemecError } from "@demec/protocol";
import { type Command, Option } from "commander";
import { inCheckout } from "../checkout.ts";
import { badOption } from "../errors.ts";
import { print, step } from "../output.ts";

/** Folders of ../../templates that a template is put together from. */
const TEMPLATES = {
  assemblyscript: ["shared", "assemblyscript"],
  command: ["shared", "shared-command", "command"],
  c: ["shared", "shared-command", "c"],
  rust: ["shared", "shared-command", "rust"],
  javascript: ["shared", "shared-command", "javascript"],
} as const;
type Template = keyof typeof TEMPLATES;

export function addInit(program: Command): void {
  program
    .command("init")
    .description("make a folder with a function to start from")
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
by npm alone. c and rust need their compilers, javascript what docs/functions.md says.

Example:
  demec init my-fn && cd my-fn && demec build && demec deploy`,
    )
    .action(async (name: string, options: { template: Template; install: boolean }, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json: boolean }>();
      const { template } = options;
      const folder = resolve(name);
      makeProject(folder, template);
      const hasPackages = readFileSync(join(folder, "package.json"), "utf8").includes("devDependencies");
      if (options.install && hasPackages) await step("installing its packages", () => install(folder));
      print(json, { folder, template }, `${name} is there. Next: cd ${name} && demec build && demec deploy`);
    });
}

/** @throws cli/folder-exists, cli/bad-option for a name that is none */
function makeProject(folder: string, template: Template): void {
  const name = basename(folder);
  if (!/^[a-z][a-z0-9._-]{0,63}$/.test(name)) {
    throw badOption(`"${name}" is no name: lower-case letters, digits, - _ . only, a letter first.`, { name });
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new DemecError("cli/folder-exists", `${folder} is there already, and not empty.`, { details: { folder } });
  }
  mkdirSync(folder, { recursive: true });
  for (const part of TEMPLATES[template]) {
    cpSync(join(import.meta.dirname, "../../templates", part), folder, { recursive: true });
  }
  // npm leaves a .gitignore out of packages.
  renameSync(join(folder, "gitignore"), join(folder, ".gitignore"));
  const values: Readonly<Record<string, string>> = {
    name,
    examples: template === "javascript" ? inCheckout("examples") : "",
  };
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
