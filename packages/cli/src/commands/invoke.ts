import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { getService, type SettlementProgress } from "@demec/chain";
import { toJson } from "@demec/protocol";
import { type CallResult, type OutputStream, serviceIdIn } from "@demec/sdk";
import { type Command, InvalidArgumentError, Option } from "commander";
import { readGrants } from "../access/grants.ts";
import { type KeptSecret, listSecrets } from "../access/secrets.ts";
import { formatCredits, parseAmount, parseCredits, parseInteger, readMoney } from "../amounts.ts";
import { canonicalNameOf, readBytes, serviceNameOf } from "../config.ts";
import { badOption } from "../errors.ts";
import { readJson, repeatable } from "../options.ts";
import { step } from "../output.ts";
import { type DemecContext, withDemec } from "../withDemec.ts";

interface InvokeOptions {
  readonly input?: string;
  readonly region?: string;
  readonly budget?: string;
  readonly sessionCredits: string;
  readonly deadline: string;
  readonly env: Record<string, string>;
  /** Local paths by the paths under which the function finds them. */
  readonly file: Record<string, string>;
  readonly follow: boolean;
  readonly keep: boolean;
  readonly byContent: boolean;
  readonly module?: string;
  readonly grants?: string;
  readonly sealed: string[];
}

export function addInvoke(program: Command): void {
  program
    .command("invoke")
    .description("call a service's function: input from stdin, output to stdout, like any program")
    .argument("<service>", "CAIP-19 id of the service, its number, or its short name")
    .argument("[args...]", "arguments of the function (commands only)")
    // What is no option of this command is one of the function.
    .allowUnknownOption()
    .option("--input <file>", "read the input from a file instead of stdin")
    .option("--region <path>", "prefer providers near here, such as eu-de-fra")
    .option("--budget <amount>", "payment tokens that may be spent on missing credits", "0")
    .option("--session-credits <credits>", "credits of the session that is opened", "1")
    .option("--deadline <ms>", "wall-clock backstop", "30000")
    .addOption(
      new Option("--env <NAME=value>", "environment of the function; repeatable").argParser(collectPair).default({}),
    )
    .addOption(
      new Option("--file <path=local>", "a file that the function finds under this path; repeatable")
        .argParser(collectPair)
        .default({}),
    )
    .option(
      "--by-content",
      "let the provider fetch the input, and fetch the output: for more than one message carries",
      false,
    )
    .option("--grants <file>", "grants that let this account in to a gated service")
    .addOption(repeatable("--sealed <file>", "a secret that demec secret seal made; repeatable"))
    .option("--module <file>", "your own module (.wasm), on a service that has none")
    .option("--follow", "print the output of a command while it runs; it holds once the report follows", false)
    .option("--keep", "leave the session open for the next call", false)
    .addHelpText(
      "after",
      `
Options that are not among these go to the function; what stands behind -- goes to it in any case.
The report (status, usage, credits, settlement) goes to stderr; with --json as one line.
Exit code: 0 when the function ended ok, its own code when it exited with one, 3 when it trapped or ran into a limit.

Examples:
  cat photo.ppm | demec invoke resize --width 320 > small.ppm
  cat book.txt | demec invoke eip155:31337/erc1155:0x5FbD…/2 --budget 1 -- 10
  demec invoke eip155:31337/erc1155:0x5FbD…/7 --module my.wasm --input photo.raw --by-content > thumbnail`,
    )
    .action(async (text: string, args: string[], options: InvokeOptions, command: Command) => {
      const { follow, byContent } = options;
      if (follow && byContent)
        throw badOption("An output that is fetched can't be followed: leave out --follow or --by-content.", {});
      const sessionCredits = parseCredits(options.sessionCredits);
      const deadlineMs = parseInteger("--deadline", options.deadline, 2 ** 31 - 1);
      const input = options.input === undefined ? await buffer(process.stdin) : readBytes("Input", options.input);
      const files = Object.fromEntries(
        Object.entries(options.file).map(([path, local]) => [path, readBytes("File", local)]),
      );
      const module = options.module === undefined ? undefined : readBytes("Module", options.module);
      await withDemec(command, { sessions: true }, async (context) => {
        const name = serviceNameOf(context.config, text);
        const budget = await parseBudget(options.budget ?? "0", name, context);
        const { region, keep, env } = options;
        const grants = options.grants === undefined ? [] : readGrants(context.config.home, options.grants);
        const service = await context.demec.service(name, { region, sessionCredits, budget, grants });
        if (args.length > 0 && service.metadata.shape === "reactor") {
          throw badOption(`"${args[0]}" is an argument, and this function takes none.`, { args });
        }
        const leave = () => (keep ? [] : service.close());
        const sealed = sealedFor(name, options.sealed, context);
        const call = { args, env, files, deadlineMs, sealed };
        const calling = step("calling", async () => {
          const called = module === undefined ? service : await service.withModule(module);
          if (follow) return printed(called.stream(input, call));
          if (!byContent) return called.invoke(input, call);
          return called.invoke(await context.demec.blob(input), { ...call, outputByContent: true });
        });
        // What went wrong with the call matters more than what goes wrong with leaving.
        const result = await calling.catch(async (error) => {
          await Promise.resolve(leave()).catch(() => undefined);
          throw error;
        });
        process.stdout.write(result.output);
        process.stderr.write(result.stderr);
        process.exitCode = exitCodeOf(result);
        report(name, result, await step("settling", async () => leave()), context.config.json);
      });
    });
}

/** Prints what comes, no faster than it is taken. */
async function printed(output: OutputStream): Promise<CallResult> {
  await pipeline(output, process.stdout, { end: false });
  return output.result;
}

/** Secrets that are kept here for this account's calls, and those that were given. */
function sealedFor(name: string, files: readonly string[], { config, account }: DemecContext): KeptSecret["sealed"][] {
  const kept = listSecrets(config.home, canonicalNameOf(config, name)).filter(
    ({ subject }) => subject === null || subject === account.address,
  );
  const given = files.map((file) => readJson("Secret", file));
  return [...kept, ...(given as KeptSecret[])].map(({ sealed }) => sealed);
}

function exitCodeOf({ status, exitCode }: CallResult): number {
  if (status === "ok") return 0;
  return status === "exitCode" ? Math.min(exitCode, 255) : 3;
}

function report(service: string, result: CallResult, progress: readonly SettlementProgress[], json: boolean): void {
  const { status, exitCode, usage, credits, session } = result;
  const { provider } = session.params;
  const { sessionId } = session;
  if (json) {
    console.error(toJson({ service, provider, status, exitCode, usage, credits, sessionId, settlements: progress }));
    return;
  }
  const work = `${usage.bitOps} bit operations, ${usage.floatOps} float operations, ${usage.durationMs} ms`;
  console.error(`${status} by ${provider}: ${work}, ${formatCredits(credits)} credits`);
  for (const { type } of progress) if (type === "closing") console.error("a session is closing: close it again later");
}

function collectPair(text: string, all: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It is not of the form name=value.");
  return { ...all, [text.slice(0, at)]: text.slice(at + 1) };
}

/** The budget is in whole payment tokens, whose decimals the token knows. */
async function parseBudget(text: string, name: string, { client, config }: DemecContext): Promise<bigint> {
  if (text === "0") return 0n;
  const serviceId = serviceIdIn(config.deployment, name);
  const { paymentToken } = await getService(client, config.deployment, serviceId);
  return parseAmount("--budget", text, (await readMoney(client, paymentToken)).decimals);
}
