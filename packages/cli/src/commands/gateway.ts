import { join } from "node:path";
import { type GatePolicy, parseGatePolicy } from "@demec/access";
import type { BudgetPolicy, EndpointOptions, PaymentPolicy } from "@demec/gateway";
import { nodeSeed } from "@demec/network";
import type { Address } from "@demec/protocol";
import { type Command, Option } from "commander";
import { type Money, parseAmount, parseCredits, parseDecimal, parseInteger, readMoney } from "../amounts.ts";
import { type Config, serviceNameOf } from "../config.ts";
import { badOption } from "../errors.ts";
import { parseHostPort } from "../hostPort.ts";
import { logLevelOption, logTo } from "../logger.ts";
import { parseAccount, readJson, repeatable } from "../options.ts";
import { print } from "../output.ts";
import { untilStopped } from "../untilStopped.ts";
import { type DemecContext, withDemec } from "../withDemec.ts";

interface GatewayOptions {
  readonly listen: string;
  readonly budget: string;
  readonly subjectBudget?: string;
  readonly open: boolean;
  readonly gate: string[];
  readonly x402: boolean;
  readonly margin: string;
  readonly minPrice: string;
  readonly maxUnpaid: string;
  readonly payTo?: Address;
  readonly sessionCredits: string;
  readonly region?: string;
  readonly domain?: string;
  readonly origin: string[];
  readonly maxBody: string;
  readonly maxCalls: string;
  readonly deadline: string;
  readonly metrics?: string;
  readonly drain: string;
  readonly keep: boolean;
  readonly logLevel: string;
}

export function addGateway(program: Command): void {
  program
    .command("gateway")
    .description("serve services as HTTP endpoints: POST /v1/<service>, body in, body out")
    .argument("<service...>", "CAIP-19 ids of services, their numbers, or their short names")
    .option("--listen <[host:]port>", "where; TLS is a proxy's business", "8402")
    .option("--budget <amount>", "payment tokens that may be spent on credits of each service", "0")
    .option("--subject-budget <amount>", "of which for the calls of one token holder (default: all of it)")
    .option("--open", "let anybody call, at this account's cost", false)
    .addOption(
      repeatable("--gate <[service=]file>", "let holders of tokens call: the gate's policy (JSON); repeatable"),
    )
    .option("--x402", "sell single calls to anybody, paid by x402 (HTTP 402)", false)
    .option("--margin <percent>", "on top of what a call may cost this account", "10")
    .option("--min-price <amount>", "least price of a call, payment tokens: covers the gas of its settlement", "0")
    .option("--max-unpaid <amount>", "most that calls under way and failed settlements may come to", "1")
    .addOption(
      new Option("--pay-to <address>", "account that is paid (default: this one)").argParser((text) =>
        parseAccount("--pay-to", text),
      ),
    )
    .option("--session-credits <credits>", "credits of each session that is opened", "1")
    .option("--region <path>", "prefer providers near here, such as eu-de-fra")
    .option(
      "--domain <host[:port]>",
      "authority that clients know it by, which their sign-ins name (default: its address)",
    )
    .addOption(repeatable("--origin <origin>", "whose pages may call, such as https://shop.example; repeatable"))
    .option("--max-body <bytes>", "of a request", "1048576")
    .option("--max-calls <n>", "at once", "64")
    .option("--deadline <ms>", "wall-clock time of a call at most", "30000")
    .option("--metrics <[host:]port>", "serve metrics and health there over HTTP, such as 9465 (default: nowhere)")
    .option("--drain <seconds>", "how long running calls may take to end when it is stopped", "10")
    .option("--keep", "leave sessions open for the next start", false)
    .addOption(logLevelOption())
    .addHelpText(
      "after",
      `
Who may call is said by --open, --gate or --x402; with both of the latter, token holders call at this account's cost, and
all others pay. A document for clients is at /openapi.json.
The first Ctrl-C or SIGTERM stops it in order: nothing new is taken, running calls end, sessions are settled.

Examples:
  demec gateway resize --open --budget 5
  demec gateway resize --gate members.json --subject-budget 0.10 --budget 5 --origin https://shop.example
  demec gateway resize --x402 --margin 20 --budget 50 --metrics 9465
  curl --data-binary @photo.ppm 'http://127.0.0.1:8402/v1/resize?arg=--width&arg=320' > small.ppm`,
    )
    .action(async (texts: string[], options: GatewayOptions, command: Command) => {
      if (!options.open && !options.x402 && options.gate.length === 0) {
        throw badOption("Nobody may call: give --open, --gate or --x402.", {});
      }
      await withDemec(command, { sessions: true }, (context) => serve(texts, options, context));
    });
}

async function serve(texts: readonly string[], options: GatewayOptions, context: DemecContext): Promise<void> {
  const { demec, account, config } = context;
  const logger = logTo(options.logLevel);
  const drainMs = 1000 * parseInteger("--drain", options.drain, 86_400);
  const names = texts.map((text) => serviceNameOf(config, text));
  const gates = readGates(config, names, options);
  const endpoints = await Promise.all(
    names.map((name, at) => endpointOf(name, texts[at]!, gates.get(name), options, context)),
  );
  const { startGateway } = await import("@demec/gateway");
  const dataDir = join(config.dataDir, "gateway", account.address);
  const { host, port } = parseHostPort("--listen", options.listen);
  const gateway = await startGateway({
    ...{ demec, endpoints, dataDir, host, port, logger },
    tokenSeed: await nodeSeed(dataDir),
    domain: options.domain,
    origins: options.origin,
    limits: {
      bodyBytes: parseInteger("--max-body", options.maxBody, 2 ** 31 - 1),
      calls: parseInteger("--max-calls", options.maxCalls, 100_000),
      deadlineMs: parseInteger("--deadline", options.deadline, 2 ** 31 - 1),
    },
    metrics: options.metrics === undefined ? undefined : parseHostPort("--metrics", options.metrics),
  });
  const { url, metricsUrl } = gateway;
  try {
    const said = { url, metricsUrl, account: account.address, services: names };
    print(config.json, said, `${url}/v1/${encodeURIComponent(texts[0]!)} is served; Ctrl-C stops it`);
    await untilStopped();
    logger.info({ drainMs }, "draining: nothing new is taken");
    const running = await gateway.drain(drainMs);
    if (running > 0) logger.warn({ running }, "calls were under way still");
  } finally {
    await gateway.close();
    if (!options.keep) await Promise.allSettled(endpoints.map(({ service }) => service.close()));
  }
}

async function endpointOf(
  name: string,
  text: string,
  gate: GatePolicy | undefined,
  options: GatewayOptions,
  { demec, client }: DemecContext,
): Promise<EndpointOptions> {
  const { region, open, x402 } = options;
  if (!open && !x402 && gate === undefined) throw badOption(`Nobody may call ${text}: no --gate is for it.`, { text });
  const sessionCredits = parseCredits(options.sessionCredits);
  // What the token's decimals are is known once the service is.
  const { paymentToken } = (await demec.service(name)).terms;
  const money = await readMoney(client, paymentToken);
  const budget = budgetOf(options, money);
  const service = await demec.service(name, { region, sessionCredits, budget: budget.total });
  const payment = x402 ? paymentOf(options, money) : undefined;
  const schemas = service.metadata.schema === undefined ? undefined : await service.schema();
  return { service, names: text === name ? [] : [text], gate, payment, budget, schemas };
}

function budgetOf({ budget, subjectBudget = budget }: GatewayOptions, { decimals }: Money): BudgetPolicy {
  return {
    total: parseAmount("--budget", budget, decimals),
    perSubject: parseAmount("--subject-budget", subjectBudget, decimals),
  };
}

function paymentOf(options: GatewayOptions, { decimals }: Money): PaymentPolicy {
  return {
    payTo: options.payTo,
    marginBps: Math.round(100 * parseDecimal("--margin", options.margin, 10_000)),
    minPrice: parseAmount("--min-price", options.minPrice, decimals),
    maxUnpaid: parseAmount("--max-unpaid", options.maxUnpaid, decimals),
  };
}

/** Policies by the names of services. One that names none is for all. @throws cli/bad-option, access/bad-policy */
function readGates(config: Config, names: readonly string[], { gate, open }: GatewayOptions): Map<string, GatePolicy> {
  if (gate.length > 0 && open) throw badOption("--open lets anybody call: leave out --gate.", {});
  const gates = new Map<string, GatePolicy>();
  for (const text of gate) {
    const [, service, path = ""] = /^(?:([^=]+)=)?(.+)$/.exec(text) ?? [];
    const named = service === undefined ? names : [serviceNameOf(config, service)];
    const stray = named.find((name) => !names.includes(name));
    if (stray !== undefined) throw badOption(`--gate is for "${service}", which is not served.`, { service });
    const policy = parseGatePolicy(readJson("Policy", path));
    for (const name of named) gates.set(name, policy);
  }
  return gates;
}
