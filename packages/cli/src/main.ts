#!/usr/bin/env node
import { Command } from "commander";
import { addBench } from "./commands/bench.ts";
import { addBuild } from "./commands/build.ts";
import { addBuy } from "./commands/buy.ts";
import { addCapacity } from "./commands/capacity.ts";
import { addDeploy } from "./commands/deploy.ts";
import { addDev } from "./commands/dev.ts";
import { addInit } from "./commands/init.ts";
import { addInvoke } from "./commands/invoke.ts";
import { addProvider } from "./commands/provider.ts";
import { addSell } from "./commands/sell.ts";
import { addStatus } from "./commands/status.ts";
import { addWithdraw } from "./commands/withdraw.ts";
import { addGlobalOptions, applyLayers } from "./config.ts";
import { printError } from "./output.ts";

const program = new Command("demec")
  .description("an open market for computing at the edge: sell functions, buy their execution, sell back what is left")
  .version("0.1.0")
  .showHelpAfterError();
addGlobalOptions(program);
program.hook("preAction", (_program, command) => applyLayers(command));
// Whoever reads the output may stop before its end (`| head`); the session is settled all the same.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
const commands = [
  addDev,
  addInit,
  addBuild,
  addProvider,
  addDeploy,
  addBuy,
  addInvoke,
  addSell,
  addWithdraw,
  addStatus,
  addBench,
  addCapacity,
];
for (const add of commands) add(program);

try {
  await program.parseAsync();
} catch (error) {
  printError(error, program.opts<{ json: boolean }>().json);
  process.exitCode = 1;
}
