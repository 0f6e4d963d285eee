import { basename, extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createService } from "@demec/chain";
import type { Node } from "@demec/network";
import {
  formatServiceMetadata,
  formatServiceName,
  type Limits,
  METER_VERSION,
  type ServiceMetadata,
} from "@demec/protocol";
import { rememberService } from "@demec/sdk/node";
import { type Command, Option } from "commander";
import { isAddress } from "viem";
import { makeClients } from "../account.ts";
import { parseAmount, parseCurve, parseInteger, parseTariff, readMoney } from "../amounts.ts";
import { readBytes, readConfig } from "../config.ts";
import { badOption } from "../errors.ts";
import { print, step } from "../output.ts";
import { requireProject } from "../project.ts";
import { untilStopped } from "../untilStopped.ts";

interface DeployOptions {
  readonly name?: string;
  readonly description?: string;
  readonly paymentToken?: string;
  readonly curve: string;
  readonly tariff: string;
  readonly royalty: string;
  readonly maxLatency: string;
  readonly tolerance: string;
  readonly rebate: string;
  readonly bondPenalty: string;
  readonly challengePeriod: string;
  readonly minBond: string;
  readonly limits?: string;
  readonly runtime?: string;
  readonly schema?: string;
  readonly browserProviders: boolean;
  readonly once: boolean;
  readonly untilServed?: string;
}

/** Between two looks at who serves it; milliseconds. */
const LOOK_MS = 100;

export function addDeploy(program: Command): void {
  program
    .command("deploy")
    .description("publish a function: its code peer to peer, its price, tariff and service level on chain")
    .argument(
      "[module]",
      "WebAssembly module (.wasm): a WASI command or a reactor; with --runtime: a script (default: the project's)",
    )
    .addOption(new Option("--payment-token <address>", "ERC-20 that credits are paid in").env("DEMEC_PAYMENT_TOKEN"))
    .option("--name <name>", "name for people (default: the file's)")
    .option("--description <text>", "description for people")
    .option(
      "--curve <points>",
      "y0,x1:y1,x2:y2,x3:y3: payment tokens per credit at credits outstanding",
      "0.01,1000:0.02,10000:0.05,100000:0.10",
    )
    .option(
      "--tariff <a,b,c,d,e,f>",
      "credits per million bit operations, million float operations, megabyte, second of duration, of latency, of ping",
      "0.0001,0.0002,0.001,0,0,0",
    )
    .option("--royalty <bps>", "publisher's royalty on purchases, 1/10,000", "0")
    .option("--max-latency <ms>", "latency beyond which a call is a breach; 0: no promise", "0")
    .option("--tolerance <bps>", "breaches that cost nothing, of calls, 1/10,000", "100")
    .option("--rebate <bps>", "of the earned value at 100% excess breaches, 1/10,000", "5000")
    .option("--bond-penalty <bps>", "of the bond at 100% excess breaches, 1/10,000", "0")
    .option("--challenge-period <seconds>", "time to answer a one-sided closing", "3600")
    .option("--min-bond <amount>", "least bond per credit, DEMEC", "0")
    .option("--limits <bitOps,floatOps,pages,bytes>", "limits that suit an ordinary call")
    .option("--runtime <module>", "interpreter (.wasm) that the script is put into; see docs/functions.md")
    .option("--schema <file>", "JSON Schemas of input and output, for typed callers (default: the project's)")
    .option("--browser-providers", "let tabs of browsers provide it too; see docs/guides/provide-from-a-tab.md", false)
    .option("--once", "don't stay to serve the code: another process does", false)
    .option("--until-served <n>", "stay only until so many providers serve it (default: until stopped)")
    .addHelpText(
      "after",
      `
The name stands for the service in commands on this machine from then on.

Examples:
  demec deploy
  demec deploy thumbnail.wasm --payment-token 0x5FbD… --curve 0.01,1000:0.02,10000:0.05,100000:0.1
  demec deploy anagrams.js --runtime javascript.wasm --payment-token 0x5FbD…`,
    )
    .action(async (file: string | undefined, options: DeployOptions, command: Command) => {
      const config = readConfig(command);
      const source: Source = file === undefined ? projectSource() : { path: file, name: basename(file, extname(file)) };
      const { path } = source;
      const { client, wallet } = await makeClients(config);
      const { bakeScript, inspectModule } = await import("@demec/wasm");
      const { runtime } = options;
      const module =
        runtime === undefined
          ? readBytes("Module", path)
          : bakeScript(readBytes("Runtime", runtime), readBytes("Script", path));
      const { shape } = inspectModule(module);
      const { paymentToken = "missing" } = options;
      if (!isAddress(paymentToken))
        throw badOption(`--payment-token is "${paymentToken}", not an address.`, { paymentToken });
      const money = await readMoney(client, paymentToken);
      const { name = source.name, description = source.description, schema = source.schema } = options;
      const schemas = schema === undefined ? undefined : (await import("../schemaFile.ts")).readSchema(schema);
      const untilServed =
        options.untilServed === undefined ? null : parseInteger("--until-served", options.untilServed, 1_000);
      const terms = {
        paymentToken,
        royaltyBps: parseInteger("--royalty", options.royalty, 10_000),
        tariff: parseTariff(options.tariff),
        sla: {
          maxLatencyMs: parseInteger("--max-latency", options.maxLatency, 2 ** 32 - 1),
          toleranceBps: parseInteger("--tolerance", options.tolerance, 10_000),
          rebateBps: parseInteger("--rebate", options.rebate, 10_000),
          bondPenaltyBps: parseInteger("--bond-penalty", options.bondPenalty, 10_000),
        },
        challengePeriod: parseInteger("--challenge-period", options.challengePeriod, 30 * 86_400),
        minBondPerCredit: parseAmount("--min-bond", options.minBond, 18),
        meterVersion: METER_VERSION,
        curve: parseCurve(options.curve, money),
      };
      const metadata: ServiceMetadata = {
        name,
        shape,
        ...(description === undefined ? {} : { description }),
        ...(options.limits === undefined ? {} : { limits: parseLimits(options.limits) }),
        ...(options.browserProviders && { browserProviders: true }),
      };

      const { ContentStore, Node } = await import("@demec/network");
      const node = await Node.create(config.network);
      const code = await ContentStore.open(join(config.dataDir, "publisher"), { node });
      try {
        await node.listen({ onConnection: (connection) => code.replicate(connection) });
        const published = await step("publishing the code", () => code.publish(module));
        const described = schemas === undefined ? {} : { schema: await code.publish(schemas) };
        const { serviceId, transactionHash } = await step("creating the service", () =>
          createService(wallet, config.deployment, {
            ...terms,
            codeHash: published.sha256,
            codeCore: published.coreKey,
            metadata: formatServiceMetadata({ ...metadata, ...described }),
          }),
        );
        const { chainId, accessToken } = config.deployment;
        const service = formatServiceName({ chainId, accessToken, serviceId });
        rememberService(config.home, config.deployment, name, service);
        if (untilServed !== null) {
          await step(`waiting for ${untilServed} provider(s) to take it up`, () =>
            servedBy(node, service, untilServed),
          );
        }
        print(
          config.json,
          { service, serviceId, name, shape, codeHash: published.sha256, codeCore: published.coreKey, transactionHash },
          `${name} is service ${service}`,
        );
        if (options.once || untilServed !== null) return;
        if (!config.json)
          console.error("serving its code until stopped (Ctrl-C); providers that fetched it serve it too");
        await untilStopped();
      } finally {
        await code.close();
        await node.close();
      }
    });
}

interface Source {
  readonly path: string;
  readonly name: string;
  readonly description?: string;
  readonly schema?: string;
}

/** What is deployed when nothing is named. @throws cli/bad-option outside of a project */
function projectSource(): Source {
  const { folder, module, name, description, schema } = requireProject(process.cwd());
  return {
    path: join(folder, module),
    name,
    ...(description === undefined ? {} : { description }),
    ...(schema === undefined ? {} : { schema: join(folder, schema) }),
  };
}

/** Resolves when so many nodes announce the service. */
async function servedBy(node: Node, service: string, count: number): Promise<void> {
  const { serviceTopic } = await import("@demec/network");
  for (;;) {
    const seen = new Set<string>();
    for await (const { publicKey } of node.lookup(serviceTopic(service), { limit: count })) seen.add(publicKey);
    if (seen.size >= count) return;
    await sleep(LOOK_MS);
  }
}

function parseLimits(text: string): Limits {
  const [bitOps, floatOps, pages, bytes, ...more] = text.split(",");
  if (bytes === undefined || more.length > 0) throw badOption(`--limits is "${text}", not four numbers.`, { text });
  return {
    bitOps: BigInt(parseInteger("--limits bitOps", bitOps!, Number.MAX_SAFE_INTEGER)),
    floatOps: BigInt(parseInteger("--limits floatOps", floatOps!, Number.MAX_SAFE_INTEGER)),
    memoryPages: parseInteger("--limits pages", pages!, 65_536),
    outputBytes: parseInteger("--limits bytes", bytes, 2 ** 32 - 1),
  };
}
