import { Command } from "commander";
import { addBench } from "./commands/bench.ts";
import { addBuild } from "./commands/build.ts";
import { addBuy } from "./commands/buy.ts";
import { addCapacity } from "./commands/capacity.ts";
import { addDeploy } from "./commands/deploy.ts";
import { addDev } from "./commands/dev.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addGate } from "./commands/gate.ts";
import { addGateway } from "./commands/gateway.ts";
import { addGrant } from "./commands/grant.ts";
import { addInit } from "./commands/init.ts";
import { addInvoke } from "./commands/invoke.ts";
import { addKeys } from "./commands/keys.ts";
import { addProvider } from "./commands/provider.ts";
import { addQuote } from "./commands/quote.ts";
import { addReceipts } from "./commands/receipts.ts";
import { addSecret } from "./commands/secret.ts";
import { addSell } from "./commands/sell.ts";
import { addServices } from "./commands/services.ts";
import { addSession } from "./commands/session.ts";
import { addStatus } from "./commands/status.ts";
import { addTypes } from "./commands/types.ts";
import { addVerify } from "./commands/verify.ts";
import { addWatchtower } from "./commands/watchtower.ts";
import { addWithdraw } from "./commands/withdraw.ts";
import { addGlobalOptions, applyLayers } from "./config.ts";
import { expectJson } from "./output.ts";
import { version } from "./packageFiles.ts";

const COMMANDS = [
  ...[addDev, addInit, addBuild, addDeploy, addTypes, addInvoke],
  ...[addServices, addQuote, addBuy, addSell, addWithdraw, addSession, addReceipts, addVerify, addStatus],
  ...[addGate, addGrant, addSecret],
  ...[addKeys, addProvider, addGateway, addWatchtower, addBench, addCapacity, addDoctor],
];

/** The `demec` command with all its subcommands; `docs/cli.md` is made from it. */
export function makeProgram(): Command {
  const program = new Command("demec")
    .description(
      "an open market for computing at the edge: sell functions, buy their execution, sell back what is left",
    )
    .version(version())
    .showHelpAfterError();
  addGlobalOptions(program);
  program.hook("preAction", (_program, command) => {
    applyLayers(command);
    expectJson(command.optsWithGlobals<{ readonly json: boolean }>().json);
  });
  for (const add of COMMANDS) add(program);
  return program;
}
