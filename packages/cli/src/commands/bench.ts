import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { formatDeployment, getService } from "@demec/chain";
import { serviceIdIn } from "@demec/sdk";
import type { Command } from "commander";
import { makeClients } from "../account.ts";
import { parseAmount, parseCredits, parseDecimal, parseInteger, parsePositive, readMoney } from "../amounts.ts";
import { clientsByProcess, planOf } from "../bench/plan.ts";
import { plotSvg, plotTerminal } from "../bench/plot.ts";
import type { BenchTask } from "../bench/port.ts";
import { measure } from "../bench/processes.ts";
import { type BenchResults, resultsOf } from "../bench/results.ts";
import { readConfig, serviceNameOf } from "../config.ts";
import { badOption } from "../errors.ts";
import { print } from "../output.ts";
import { timedStep } from "../progress.ts";

interface BenchOptions {
  readonly light: string;
  readonly full: string;
  readonly rate: string;
  readonly seconds: string;
  readonly warmUp: string;
  readonly processes?: string;
  readonly bytes: string;
  readonly region?: string;
  readonly sessionCredits: string;
  readonly budget: string;
  readonly deadline: string;
  readonly out?: string;
  readonly plot?: string;
}

/** Calls a second that one process of clients is given, as long as there are processors. */
const RATE_PER_PROCESS = 2_000;

export function addBench(program: Command): void {
  program
    .command("bench")
    .description("call a service at a steady rate from many clients, and tell how it kept up")
    .argument("<service>", "CAIP-19 id of the service")
    .option("--light <n>", "clients that share a connection and a session with the others of their process", "50")
    .option("--full <n>", "clients with node, session and journal of their own, which verify each receipt", "0")
    .option("--rate <n>", "calls a second of each client", "1")
    .option("--seconds <n>", "how long it is measured", "10")
    .option("--warm-up <n>", "seconds of calls before, which are not measured", "2")
    .option("--processes <n>", "processes that the clients are spread over (default: by rate and processors)")
    .option("--bytes <n>", "input of each call", "256")
    .option("--region <path>", "prefer providers near here, such as eu-de-fra")
    .option("--session-credits <credits>", "credits of each session that is opened", "1")
    .option("--budget <amount>", "payment tokens that each session may cost", "0")
    .option("--deadline <ms>", "after which a call counts as failed", "10000")
    .option("--out <file>", "write the results as JSON, for `demec capacity`")
    .option("--plot <file>", "draw the results as SVG")
    .addHelpText(
      "after",
      `
needed = (light + full) × rate. Calls are started by the clock, answered or not, and their latency counts from when they
were due. The calls are paid for by the account that pays and signs.
Exit code: 0 when the service answered 99% of what was needed, else 4.

Example:
  demec bench eip155:31337/erc1155:0x5FbD…/1 --light 50 --full 50 --rate 100 --budget 5 --out results.json`,
    )
    .action(async (name: string, options: BenchOptions, command: Command) => {
      const config = readConfig(command);
      const seconds = parsePositive("--seconds", options.seconds, 86_400);
      const warmUp = parseDecimal("--warm-up", options.warmUp, 3_600);
      const plan = planOf(
        parseInteger("--light", options.light, 100_000),
        parseInteger("--full", options.full, 1_000),
        parsePositive("--rate", options.rate, 1_000_000),
      );
      const service = serviceNameOf(config, name);
      const { client, privateKey } = await makeClients(config);
      const { paymentToken } = await getService(client, config.deployment, serviceIdIn(config.deployment, service));
      const { decimals } = await readMoney(client, paymentToken);
      const processes =
        options.processes === undefined
          ? Math.min(availableParallelism(), Math.ceil(plan.needed / RATE_PER_PROCESS))
          : parseInteger("--processes", options.processes, 256);
      if (processes === 0) throw badOption("--processes is 0.", {});
      const folder = await mkdtemp(join(tmpdir(), "demec-bench-"));
      try {
        const task: Omit<BenchTask, "clients"> = {
          ...{ service, folder, rpcUrl: config.rpcUrl, deployment: formatDeployment(config.deployment) },
          ...{ bootstrap: config.network.bootstrap, host: config.network.host, region: options.region },
          sessionCredits: String(parseCredits(options.sessionCredits)),
          budget: String(parseAmount("--budget", options.budget, decimals)),
          input: "x".repeat(parseInteger("--bytes", options.bytes, 1 << 24)),
          deadlineMs: parseInteger("--deadline", options.deadline, 2 ** 31 - 1),
          ...{ periodMs: 1000 / plan.ratePerClient, warmUpMs: warmUp * 1000, measuredMs: seconds * 1000 },
        };
        const tasks = clientsByProcess(plan, processes).map((clients) => ({ ...task, clients }));
        const { tally, ...run } = await timedStep(`${plan.needed} calls/s`, warmUp + seconds, () =>
          measure(tasks, privateKey),
        );
        const results = resultsOf(plan, { service, seconds, ...run }, tally);
        if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(results, null, 2)}\n`);
        if (options.plot !== undefined) await writeFile(options.plot, plotSvg(results));
        print(config.json, results, describe(results));
        if (results.achieved < 0.99 * results.needed) process.exitCode = 4;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
}

function describe(results: BenchResults): string {
  const { light, full, ratePerClient, needed, achieved, latencyMs, errors, sent, ok } = results;
  const { p50, p90, p99, p999, max } = latencyMs;
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  const failed = Object.entries(errors).map(([code, count]) => `${count} × ${code}`);
  return [
    `needed    (${light} light + ${full} full) × ${ratePerClient} = ${needed} calls/s`,
    `achieved  ${achieved.toFixed(1)} calls/s, by ${results.providers} provider(s)`,
    `latency   p50 ${ms(p50)}, p90 ${ms(p90)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}, max ${ms(max)}`,
    `calls     ${sent} sent, ${ok} ok${full === 0 ? "" : `, ${results.receiptsVerified} receipts verified`}`,
    `errors    ${failed.join(", ") || "none"}`,
    `clients   ${results.clientCores.toFixed(2)} cores`,
    "",
    plotTerminal(results),
  ].join("\n");
}
