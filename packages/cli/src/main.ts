#!/usr/bin/env node
import { Command } from "commander";
import { addBench } from "./commands/bench.ts";
import { addBuy } from "./commands/buy.ts";
import { addCapacity } from "./commands/capacity.ts";
import { addDeploy } from "./commands/deploy.ts";
import { addInvoke } from "./commands/invoke.ts";
import { addProvider } from "./commands/provider.ts";
import { addReceipts } from "./commands/receipts.ts";
import { addSell } from "./commands/sell.ts";
import { addStatus } from "./commands/status.ts";
import { addWatchtower } from "./commands/watchtower.ts";
import { addWithdraw } from "./commands/withdraw.ts";
import { addGlobalOptions } from "./config.ts";
import { printError } from "./output.ts";

const program = new Command("demec")
  .description("an open market for computing at the edge: sell functions, buy their execution, sell back what is left")
  .version("0.1.0")
  .showHelpAfterError()
  .addHelpText("after", "\nThe buyer's or publisher's key comes by environment: DEMEC_PRIVATE_KEY.");
addGlobalOptions(program);
// Whoever reads the output may stop before its end (`| head`); the session is settled all the same.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
const commands = [
  ...[addProvider, addWatchtower, addDeploy, addBuy, addInvoke, addSell, addWithdraw, addStatus],
  ...[addReceipts, addBench, addCapacity],
];
for (const add of commands) add(program);

try {
  await program.parseAsync();
} catch (error) {
  printError(error, program.opts<{ json: boolean }>().json);
  process.exitCode = 1;
}
