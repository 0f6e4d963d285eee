import { buffer } from "node:stream/consumers";
import { nodeKeySealer, type Reader, sealVariables } from "@demec/access";
import { type Deployment, getProvider, listEnrolledProviders, type ReadClient } from "@demec/chain";
import { toJson } from "@demec/protocol";
import { serviceIdIn } from "@demec/sdk";
import type { Command } from "commander";
import { checked, forgetSecret, type KeptSecret, keepSecret, listSecrets } from "../access/secrets.ts";
import { makeClients } from "../account.ts";
import { canonicalNameOf, readConfig } from "../config.ts";
import { badOption } from "../errors.ts";
import { parseAccount, repeatable } from "../options.ts";
import { print, table } from "../output.ts";

interface SealOptions {
  readonly provider: string[];
  readonly for?: string;
}

export function addSecret(program: Command): void {
  const secret = program
    .command("secret")
    .description("what only a service's executions may read, in their environment");

  sealing(secret.command("seal").description("seal a secret from stdin, and print it for whoever calls with it"))
    .addHelpText(
      "after",
      `
The function finds <name> in its environment; nobody else can open what is printed but the providers that it is sealed to.

Example:
  pass show api | demec secret seal my-fn API_KEY --for 0x7099… > api-key.json
  demec invoke my-fn --sealed api-key.json`,
    )
    .action(async (text: string, name: string, options: SealOptions, command: Command) => {
      // On stdout is the sealed secret itself, for people and for programs.
      console.log(toJson(await seal(text, name, options, command)));
    });

  sealing(secret.command("put").description("seal a secret from stdin, and keep it here for this account's calls"))
    .addHelpText(
      "after",
      `
demec invoke gives it to every call of the service by this account. It is kept sealed: nobody can read it here.

Example:
  pass show api | demec secret put my-fn API_KEY`,
    )
    .action(async (text: string, name: string, options: SealOptions, command: Command) => {
      const kept = await seal(text, name, options, command);
      const { home, json } = readConfig(command);
      keepSecret(home, kept);
      const { sealed: _box, ...said } = kept;
      print(json, said, `${name} is sealed to ${kept.providers.length} provider(s) of ${kept.service}`);
    });

  secret
    .command("list")
    .description("secrets that are kept here for a service: their names, never what is inside")
    .argument("<service>", "CAIP-19 id of the service, its number, or its short name")
    .addHelpText("after", "\nExample:\n  demec secret list my-fn")
    .action((text: string, _options: unknown, command: Command) => {
      const config = readConfig(command);
      const kept = listSecrets(config.home, canonicalNameOf(config, text)).map(({ sealed: _box, ...said }) => said);
      const rows = kept.map(({ name, subject, providers }) => [name, subject ?? "any", providers.join("\n")]);
      print(config.json, kept, table(["name", "buyer", "providers"], rows, "no secrets"));
    });

  secret
    .command("rm")
    .description("forget a secret that is kept here")
    .argument("<service>", "CAIP-19 id of the service, its number, or its short name")
    .argument("<name>", "of the variable")
    .addHelpText("after", "\nExample:\n  demec secret rm my-fn API_KEY")
    .action((text: string, name: string, _options: unknown, command: Command) => {
      const config = readConfig(command);
      const service = canonicalNameOf(config, text);
      forgetSecret(config.home, service, name);
      print(config.json, { service, name }, `${name} is forgotten`);
    });
}

function sealing(command: Command): Command {
  return command
    .argument("<service>", "CAIP-19 id of the service, its number, or its short name")
    .argument("<name>", "of the variable")
    .addOption(
      repeatable("--provider <account>", "seal it to this provider; repeatable (default: all that serve it now)"),
    )
    .option("--for <account>", "the buyer in whose calls it is used, or 'any' (default: this account)");
}

async function seal(text: string, name: string, options: SealOptions, command: Command): Promise<KeptSecret> {
  const config = readConfig(command);
  const { deployment } = config;
  const service = canonicalNameOf(config, text);
  checked(name);
  if (process.stdin.isTTY) throw badOption("The secret comes from stdin: pipe it in.", { name });
  const { client, account } = await makeClients(config);
  const readers = await readersOf(client, deployment, serviceIdIn(deployment, service), options.provider);
  const { for: buyer = account.address } = options;
  const subject = buyer === "any" ? null : parseAccount("--for", buyer);
  // What a shell's pipe ends with is no part of it.
  const value = (await buffer(process.stdin)).toString("utf8").replace(/\r?\n$/, "");
  const sealed = await sealVariables(nodeKeySealer, { [name]: value }, { audience: service, subject }, readers);
  return { name, service, subject, providers: readers.map(({ owner }) => owner), sealed };
}

/** Node keys as the chain has them now. @throws cli/bad-option when there is nobody to seal to */
async function readersOf(
  client: ReadClient,
  deployment: Deployment,
  serviceId: bigint,
  named: readonly string[],
): Promise<Reader[]> {
  const owners =
    named.length > 0
      ? named.map((owner) => parseAccount("--provider", owner))
      : await listEnrolledProviders(client, deployment, serviceId);
  const providers = await Promise.all(owners.map((owner) => getProvider(client, deployment, owner)));
  const readers = providers.filter(({ registered, active }) => registered && (named.length > 0 || active));
  if (readers.length === 0) throw badOption(`No provider of service ${serviceId} is there to seal to.`, { serviceId });
  return readers.map(({ owner, nodeKey }) => ({ owner, nodeKey }));
}
