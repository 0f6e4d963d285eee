import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { getService } from "@demec/chain";
import { parseServiceName } from "@demec/protocol";
import { type Command, InvalidArgumentError, Option } from "commander";
import { formatCredits, parseAmount, parseCredits, parseInteger, readMoney } from "../amounts.ts";
import { step, toJson } from "../output.ts";
import { type DemecContext, withDemec } from "../withDemec.ts";

interface InvokeOptions {
  readonly input?: string;
  readonly region?: string;
  readonly budget?: string;
  readonly sessionCredits: string;
  readonly deadline: string;
  readonly env: Record<string, string>;
  readonly keep: boolean;
}

export function addInvoke(program: Command): void {
  program
    .command("invoke")
    .description("call a service's function: input from stdin, output to stdout, like any program")
    .argument("<service>", "CAIP-19 id of the service")
    .argument("[args...]", "arguments of the function (commands only); put -- before those that start with -")
    .option("--input <file>", "read the input from a file instead of stdin")
    .option("--region <path>", "prefer providers near here, such as eu-de-fra")
    .option("--budget <amount>", "payment tokens that may be spent on missing credits", "0")
    .option("--session-credits <credits>", "credits of the session that is opened", "1")
    .option("--deadline <ms>", "wall-clock backstop", "30000")
    .addOption(
      new Option("--env <NAME=value>", "environment of the function; repeatable").argParser(collectEnv).default({}),
    )
    .option("--keep", "leave the session open for the next call", false)
    .addHelpText(
      "after",
      `
The report (status, usage, credits, settlement) goes to stderr; with --json as one line.
Exit code: 0 when the function ended ok, its own code when it exited with one, 3 when it trapped or ran into a limit.

Example:
  cat book.txt | demec invoke eip155:31337/erc1155:0x5FbD…/2 --budget 1 -- 10`,
    )
    .action(async (name: string, args: string[], options: InvokeOptions, command: Command) => {
      const sessionCredits = parseCredits(options.sessionCredits);
      const deadlineMs = parseInteger("--deadline", options.deadline, 2 ** 31 - 1);
      const input = options.input === undefined ? await buffer(process.stdin) : await readFile(options.input);
      await withDemec(command, async (context) => {
        const { demec, config } = context;
        const budget = await parseBudget(options.budget ?? "0", name, context);
        const service = await demec.service(name, { region: options.region, sessionCredits, budget });
        try {
          const result = await step("calling", () => service.invoke(input, { args, env: options.env, deadlineMs }));
          process.stdout.write(result.output);
          process.stderr.write(result.stderr);
          const { status, exitCode, usage, credits, session } = result;
          const { provider } = session.params;
          process.exitCode = status === "ok" ? 0 : status === "exitCode" ? Math.min(exitCode, 255) : 3;
          console.error(
            config.json
              ? toJson({ service: name, provider, status, exitCode, usage, credits, sessionId: session.sessionId })
              : `${status} by ${provider}: ${usage.bitOps} bit operations, ${usage.floatOps} float operations, ${usage.durationMs} ms, ${formatCredits(credits)} credits`,
          );
        } finally {
          if (!options.keep) await step("settling", () => service.close());
        }
      });
    });
}

function collectEnv(text: string, all: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It is not NAME=value.");
  return { ...all, [text.slice(0, at)]: text.slice(at + 1) };
}

/** The budget is in whole payment tokens, whose decimals the token knows. */
async function parseBudget(text: string, name: string, { client, config }: DemecContext): Promise<bigint> {
  if (text === "0") return 0n;
  const { serviceId } = parseServiceName(name);
  const { paymentToken } = await getService(client, config.deployment, serviceId);
  return parseAmount("--budget", text, (await readMoney(client, paymentToken)).decimals);
}
