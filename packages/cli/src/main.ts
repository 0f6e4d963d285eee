#!/usr/bin/env node
import tab from "@bomb.sh/tab/commander";
import { printError } from "./output.ts";
import { makeProgram } from "./program.ts";

// Whoever reads the output may stop before its end (`| head`); the session is settled all the same.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
const program = makeProgram();
// `demec completion bash` prints what a shell needs to complete commands and options.
tab(program, { completionCommandName: "completion" });

try {
  await program.parseAsync();
} catch (error) {
  printError(error, program.opts<{ json: boolean }>().json);
  process.exitCode = 1;
}
