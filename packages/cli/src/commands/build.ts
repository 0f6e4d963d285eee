import { relative } from "node:path";
import type { Command } from "commander";
import { print, step } from "../output.ts";
import { requireProject } from "../project.ts";

export function addBuild(program: Command): void {
  program
    .command("build")
    .description("make the project's module, and check that it can be sold")
    .addHelpText("after", "\nThe project's demec.json says how: see demec init.\n\nExample:\n  demec build")
    .action(async (_options: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json: boolean }>();
      const { buildProject } = await import("../buildProject.ts");
      const project = requireProject(process.cwd());
      const built = await step(`building ${project.name}`, () => buildProject(project));
      const { module, bytes, shape, codeHash } = built;
      print(json, built, `${relative(process.cwd(), module)}: a ${shape} of ${bytes} bytes, code hash ${codeHash}`);
    });
}
