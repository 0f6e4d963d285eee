import { readFileSync } from "node:fs";
import { type Deployment, parseDeployment } from "@demec/chain";
import type { NodeOptions } from "@demec/network";
import { type DevNetwork, demecHome, parseEntryPoints, readDevNetwork, resolveServiceName } from "@demec/sdk/node";
import { type Command, Option } from "commander";
import { badOption } from "./errors.ts";
import { applySettings, readSettingFiles, type SettingLayer } from "./settingFiles.ts";

/** Options that every command takes, by flag, environment or file. */
interface GlobalOptions {
  readonly rpc: string;
  readonly deployment: string;
  readonly dht?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly account?: string;
  readonly passwordFile?: string;
  readonly json: boolean;
}

export interface Config {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly network: NodeOptions;
  readonly dataDir: string;
  readonly json: boolean;
  /** Where this user's keys, names and settings are. */
  readonly home: string;
  /** Key of the keystore that pays and signs, if one is named. */
  readonly account: { readonly name: string; readonly byFlag: boolean } | undefined;
  readonly passwordFile: string | undefined;
  /** The development network, when it is what the command talks to. */
  readonly dev: DevNetwork | null;
}

export function addGlobalOptions(program: Command): void {
  program
    .addOption(
      new Option("--rpc <url>", "JSON-RPC endpoint of the chain").env("DEMEC_RPC").default("http://127.0.0.1:8545"),
    )
    .addOption(
      new Option("--deployment <file>", "deployment of the contracts (JSON)")
        .env("DEMEC_DEPLOYMENT")
        .default("deployment.json"),
    )
    .addOption(new Option("--dht <host:port,…>", "entry points of the DHT (default: the public ones)").env("DEMEC_DHT"))
    .addOption(new Option("--host <address>", "address to bind (default: all)").env("DEMEC_HOST"))
    .addOption(
      new Option("--data-dir <folder>", "where sessions, code and node key are kept (default: ~/.demec)").env(
        "DEMEC_DATA_DIR",
      ),
    )
    .addOption(new Option("--account <name>", "key of the keystore that pays and signs").env("DEMEC_ACCOUNT"))
    .addOption(
      new Option("--password-file <file>", "password of the key, in its first line (default: asked for)").env(
        "DEMEC_PASSWORD_FILE",
      ),
    )
    .option("--json", "print JSON", false);
}

/** Options that were not given come from files, then from the development network that runs here, in this order. */
export function applyLayers(command: Command): void {
  const home = demecHome(process.env);
  applySettings(command, readSettingFiles(home));
  const program = programOf(command);
  const isNamed = ["rpc", "deployment"].some((name) => program.getOptionValueSource(name) !== "default");
  const dev = isNamed ? null : readDevNetwork(home);
  if (dev !== null) applySettings(command, [layerOf(dev)]);
}

/** What `demec dev` settles for the commands beside it. */
function layerOf({ rpc, deployment, dht, host, dataDir, paymentToken }: DevNetwork): SettingLayer {
  return {
    ...{ rpc, deployment, dht, host, dataDir },
    deploy: { paymentToken, untilServed: 2 },
    invoke: { budget: 1 },
    gateway: { budget: 1 },
  };
}

/** @throws cli/bad-option, chain/bad-deployment naming what can't be used */
export function readConfig(command: Command): Config {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { rpc, dht, host, account, passwordFile, json } = options;
  const home = demecHome(process.env);
  const dev = readDevNetwork(home);
  return {
    rpcUrl: rpc,
    deployment: parseDeployment(new TextDecoder().decode(readBytes("Deployment", options.deployment))),
    network: {
      ...(dht === undefined ? {} : { bootstrap: parseEntryPoints(dht) }),
      ...(host === undefined ? {} : { host }),
    },
    dataDir: options.dataDir ?? home,
    json,
    home,
    account:
      account === undefined
        ? undefined
        : { name: account, byFlag: programOf(command).getOptionValueSource("account") === "cli" },
    passwordFile,
    dev: dev?.rpc === rpc ? dev : null,
  };
}

/** A service's CAIP-19 id from its id, its number or its short name. @throws sdk/unknown-name */
export function serviceNameOf({ home, deployment }: Config, text: string): string {
  return resolveServiceName(home, deployment, text);
}

/** @throws cli/bad-option */
export function readBytes(what: string, path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw badOption(`${what} ${path} can't be read.`, { path }, cause);
  }
}

function programOf(command: Command): Command {
  return command.parent === null ? command : programOf(command.parent);
}
