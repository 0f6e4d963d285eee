import type { Command } from "commander";
import pc from "picocolors";
import { applyChecks } from "../doctor.ts";
import { print, step } from "../output.ts";

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("look at everything that commands need here, and say what cures what is not well")
    .addHelpText("after", "\nExit code: 0 when all that is needed is well, else 1.\n\nExample:\n  demec doctor")
    .action(async (_options: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json: boolean }>();
      const findings = await step("looking", () => applyChecks(command));
      const lines = findings.map(({ name, ok, detail, cure }) => {
        const mark = ok ? pc.green("✔") : pc.red("✘");
        return `${mark} ${name.padEnd(10)} ${detail}${cure === undefined ? "" : `\n  ${pc.dim(`cure: ${cure}`)}`}`;
      });
      print(json, findings, lines.join("\n"));
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}
