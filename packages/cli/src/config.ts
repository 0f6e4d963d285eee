import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Deployment, parseDeployment } from "@demec/chain";
import type { NodeOptions } from "@demec/network";
import { DemecError, type Hex } from "@demec/protocol";
import { parseEntryPoints } from "@demec/sdk/node";
import { type Command, Option } from "commander";
import {
  createPublicClient,
  createWalletClient,
  http,
  isHex,
  type PublicClient,
  type Transport,
  type WalletClient,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { badOption } from "./errors.ts";

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
    deployment: parseDeployment(new TextDecoder().decode(readBytes("Deployment", options.deployment))),
    network: {
      ...(options.dht === undefined ? {} : { bootstrap: parseEntryPoints(options.dht) }),
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

interface Clients {
  readonly client: PublicClient;
  readonly wallet: WalletClient<Transport, undefined, PrivateKeyAccount>;
  readonly account: PrivateKeyAccount;
}

/** viem clients for a command: one that reads, one that signs with the key in `variable`. */
export function makeClients({ rpcUrl }: Config, variable = "DEMEC_PRIVATE_KEY"): Clients {
  const transport = http(rpcUrl);
  const account = privateKeyToAccount(readKey(variable));
  return { client: createPublicClient({ transport }), wallet: createWalletClient({ transport, account }), account };
}

/** @throws cli/bad-option */
export function readBytes(what: string, path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw badOption(`${what} ${path} can't be read.`, { path }, cause);
  }
}
