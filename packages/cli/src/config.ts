import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Deployment, parseDeployment } from "@demec/chain";
import type { NodeOptions } from "@demec/network";
import { DemecError, type Hex } from "@demec/protocol";
import { type Command, Option } from "commander";
import { createPublicClient, createWalletClient, http, isHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

/** Options that every command takes, by flag or environment. Keys come by environment alone: a flag shows in `ps`. */
interface GlobalOptions {
  readonly rpc: string;
  readonly deployment: string;
  readonly dht?: string;
  readonly host?: string;
  readonly dataDir: string;
  readonly json: boolean;
}

export interface Config {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly network: NodeOptions;
  readonly dataDir: string;
  readonly json: boolean;
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
      new Option("--data-dir <folder>", "where sessions, code and node key are kept")
        .env("DEMEC_DATA_DIR")
        .default(join(homedir(), ".demec")),
    )
    .option("--json", "print JSON", false);
}

/** @throws cli/bad-option, chain/bad-deployment naming what can't be used */
export function readConfig(command: Command): Config {
  const options = command.optsWithGlobals<GlobalOptions>();
  return {
    rpcUrl: options.rpc,
    deployment: parseDeployment(readText(options.deployment)),
    network: {
      ...(options.dht === undefined ? {} : { bootstrap: options.dht.split(",").map(parseHostPort) }),
      ...(options.host === undefined ? {} : { host: options.host }),
    },
    dataDir: options.dataDir,
    json: options.json,
  };
}

/** Private key from an environment variable. @throws cli/no-key */
export function readKey(variable: string): Hex {
  const value = process.env[variable];
  if (!isHex(value) || value.length !== 66) {
    throw new DemecError(
      "cli/no-key",
      `Environment variable ${variable} ${value === undefined ? "is not set" : "is not a private key"}.`,
      {
        details: { variable },
      },
    );
  }
  return value;
}

/** viem clients for a command: one that reads, one that signs with the key in `variable`. */
export function makeClients({ rpcUrl }: Config, variable = "DEMEC_PRIVATE_KEY") {
  const transport = http(rpcUrl);
  const account = privateKeyToAccount(readKey(variable));
  return { client: createPublicClient({ transport }), wallet: createWalletClient({ transport, account }), account };
}

export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new DemecError("cli/bad-option", `File ${path} can't be read.`, { cause, details: { path } });
  }
}

function parseHostPort(text: string): { host: string; port: number } {
  const match = /^(.+):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[2]);
  if (!match || port < 1 || port > 65535) {
    throw new DemecError("cli/bad-option", `"${text}" is not host:port.`, { details: { text } });
  }
  return { host: match[1]!, port };
}
