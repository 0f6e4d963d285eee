import type { Command } from "commander";
import { readGates, writeGate } from "../access/gates.ts";
import { parseInteger } from "../amounts.ts";
import { canonicalNameOf, readConfig } from "../config.ts";
import { badOption } from "../errors.ts";
import { parseAccount, parseJson, readJson, repeatable } from "../options.ts";
import { print, table } from "../output.ts";

interface SetOptions {
  readonly policy?: string;
  readonly condition?: string;
  readonly grantor: string[];
  readonly delegations?: string;
  readonly tokenSeconds?: string;
  readonly singleUse: boolean;
}

export function addGate(program: Command): void {
  const gate = program.command("gate").description("who may call the services that are served from here");
  gate
    .command("set")
    .description("let in only whom a condition or a grant lets in; providers of this data folder follow at once")
    .argument("<service>", "CAIP-19 id of the service, its number, or its short name")
    .option("--condition <json>", "facts on chain that let an account in: see docs/access.md")
    .addOption(repeatable("--grantor <account>", "whose signed grants let others in; repeatable"))
    .option("--delegations <n>", "links of grants that may hang below an account that the condition lets in")
    .option("--token-seconds <n>", "how long a token opens the door")
    .option("--single-use", "every token opens it once", false)
    .option("--policy <file>", "all of this from a file (JSON) instead")
    .addHelpText(
      "after",
      `
Who is inside and doesn't get in by the new gate is shown out; sessions are settled as ever. Without a condition and grantors
nobody gets in.

Examples:
  demec gate set my-fn --condition '{"type":"erc721","token":"0x5FbD…","atLeast":"1"}'
  demec gate set my-fn --grantor 0x7099… --condition '{"type":"staked","atLeast":"1"}' --delegations 1
  demec gate set my-fn --policy gate.json`,
    )
    .action((text: string, options: SetOptions, command: Command) => {
      const config = readConfig(command);
      const service = canonicalNameOf(config, text);
      const policy = policyOf(options);
      writeGate(config.dataDir, service, policy);
      print(config.json, { service, policy }, `${service} asks who calls it`);
    });
  gate
    .command("show")
    .description("gates of the services that have one here")
    .argument("[service]", "of this service only")
    .addHelpText("after", "\nExample:\n  demec gate show my-fn")
    .action((text: string | undefined, _options: unknown, command: Command) => {
      const config = readConfig(command);
      const all = Object.entries(readGates(config.dataDir)).map(([service, policy]) => ({ service, policy }));
      const wanted = text === undefined ? null : canonicalNameOf(config, text);
      const gates = all.filter(({ service }) => wanted === null || service === wanted);
      const rows = gates.map(({ service, policy }) => [service, JSON.stringify(policy)]);
      print(config.json, gates, table(["service", "policy"], rows, "open to whoever pays"));
    });
  gate
    .command("remove")
    .description("open a service to whoever pays")
    .argument("<service>", "CAIP-19 id of the service, its number, or its short name")
    .addHelpText("after", "\nExample:\n  demec gate remove my-fn")
    .action((text: string, _options: unknown, command: Command) => {
      const config = readConfig(command);
      const service = canonicalNameOf(config, text);
      writeGate(config.dataDir, service, null);
      print(config.json, { service, policy: null }, `${service} is open to whoever pays`);
    });
}

/** A policy as it is written. @throws cli/bad-option */
function policyOf({ policy, condition, grantor, delegations, tokenSeconds, singleUse }: SetOptions): unknown {
  if (policy !== undefined) {
    if (condition !== undefined || grantor.length > 0) {
      throw badOption("With --policy, condition and grantors stand in its file.", { policy });
    }
    return readJson("Policy", policy);
  }
  return {
    ...(condition !== undefined && { condition: parseJson("--condition", condition) }),
    ...(grantor.length > 0 && { grantors: grantor.map((account) => parseAccount("--grantor", account)) }),
    ...(delegations !== undefined && { delegations: parseInteger("--delegations", delegations, 8) }),
    ...(tokenSeconds !== undefined && { tokenSeconds: parseInteger("--token-seconds", tokenSeconds, 86_400) }),
    ...(singleUse && { singleUse }),
  };
}
