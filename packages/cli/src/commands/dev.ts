import type { ServedConsole } from "@demec/console";
import { toJson } from "@demec/protocol";
import { type DevNetwork, demecHome } from "@demec/sdk/node";
import type { Command } from "commander";
import pc from "picocolors";
import { parseInteger } from "../amounts.ts";
import { logLevelOption, logTo } from "../logger.ts";
import { print, step } from "../output.ts";
import { findProject, type Project, requireProject } from "../project.ts";
import { untilStopped } from "../untilStopped.ts";

export function addDev(program: Command): void {
  program
    .command("dev")
    .description("a whole network on this machine: chain, DHT, two providers, an account with test money")
    .argument("[folder]", "a project that is built and deployed anew whenever one of its files is saved")
    .addOption(logLevelOption("of the providers' log on stderr").default("warn"))
    .option("--ui [port]", "serve the console, with test wallets, and open it in the browser")
    .addHelpText(
      "after",
      `
Other commands on this machine, and connect() of the SDK, use it by themselves while it runs, unless a chain is named to
them. Ctrl-C ends it; nothing stays behind.

Examples:
  demec dev
  demec dev my-fn
  demec dev --ui`,
    )
    .action(async (folder: string | undefined, { logLevel, ui }: DevOptions, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json: boolean }>();
      const project = folder === undefined ? findProject(process.cwd()) : requireProject(folder);
      const { startDevNetwork } = await import("../dev/devNetwork.ts");
      const port = ui === undefined || ui === true ? 0 : parseInteger("--ui", ui, 65_535);
      const start = () => startDevNetwork(demecHome(process.env), logTo(logLevel));
      const running = await step("starting a chain with the contracts, a DHT and two providers", start);
      const stop = new AbortController();
      const { network, providers } = running;
      const { privateKey: _secret, ...said } = network;
      try {
        const page = ui === undefined ? null : await step("opening the console", () => serveUi(network, port));
        const pageUrl = page && { ui: page.url };
        const text = `${welcome(network.rpc, project)}${page === null ? "" : `\nConsole: ${page.url}`}`;
        print(json, { ...said, ...pageUrl, providers: providers.map(({ owner }) => owner) }, text);
        const redeploying = project === null ? null : redeploy(project, json, stop.signal);
        await untilStopped();
        stop.abort();
        await redeploying;
        await page?.stop();
      } finally {
        await running.stop();
      }
    });
}

interface DevOptions {
  readonly logLevel: string;
  /** `true` without a port. */
  readonly ui?: string | true;
}

async function serveUi(network: DevNetwork, port: number): Promise<ServedConsole> {
  const { openBrowser, startConsole } = await import("../dev/console.ts");
  const page = await startConsole(network, port);
  openBrowser(page.url);
  return page;
}

async function redeploy(project: Project, json: boolean, signal: AbortSignal): Promise<void> {
  const { redeployOnSave } = await import("../dev/redeploy.ts");
  for await (const done of redeployOnSave(project, signal)) {
    if (done instanceof Error)
      console.error(json ? toJson({ message: done.message }) : `${pc.red("error")} ${done.message}`);
    else print(json, done, `${done.name} is served as ${done.service} (${done.milliseconds} ms)`);
  }
}

function welcome(rpc: string, project: Project | null): string {
  const name = project?.name ?? "my-fn";
  const make = project === null ? `demec init ${name} && cd ${name} && demec build && demec deploy\n  ` : "";
  return `ready: chain at ${rpc}, two providers, an account with 10,000 mUSD; Ctrl-C ends it
Next, in another terminal:
  ${make}echo -n "hello, edge" | demec invoke ${name}`;
}
