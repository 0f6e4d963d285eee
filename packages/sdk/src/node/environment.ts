import { readFileSync } from "node:fs";
import { parseDeployment } from "@demec/chain";
import { DemecError } from "@demec/protocol";
import { type Hex, isHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { ConnectOptions } from "./connect.ts";
import { type DevNetwork, demecHome, readDevNetwork } from "./devNetwork.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What `connect` is told by the environment: DEMEC_PRIVATE_KEY (buyer's key), DEMEC_RPC (JSON-RPC endpoint), DEMEC_DEPLOYMENT
 * (file with the deployment's JSON), and where they are set DEMEC_DHT (host:port,…), DEMEC_HOST (address to bind),
 * DEMEC_DATA_DIR (folder for sessions) and DEMEC_WATCHTOWERS (node keys, joined by commas). The `demec` command reads the
 * same. Where neither chain nor deployment is named anywhere, the network that `demec dev` keeps on this machine is meant,
 * and pays with its development account.
 * @param given settings that need not be in the environment
 * @throws sdk/bad-setting naming the variable, chain/bad-deployment
 */
export function settingsFrom(env: Environment, given: Partial<ConnectOptions> = {}): ConnectOptions {
  const named = given.rpcUrl ?? env.DEMEC_RPC ?? given.deployment ?? env.DEMEC_DEPLOYMENT;
  const dev = named === undefined ? readDevNetwork(demecHome(env)) : null;
  return settingsIn(dev === null ? env : { ...environmentOf(dev), ...env }, given);
}

/** The environment in which `demec dev` would have its users. Sessions end with their process there, as the network does. */
function environmentOf({ rpc, deployment, dht, host, privateKey }: DevNetwork): Environment {
  return {
    ...{ DEMEC_RPC: rpc, DEMEC_DEPLOYMENT: deployment, DEMEC_DHT: dht, DEMEC_HOST: host },
    DEMEC_PRIVATE_KEY: privateKey,
  };
}

function settingsIn(env: Environment, given: Partial<ConnectOptions>): ConnectOptions {
  const { DEMEC_DHT: dht, DEMEC_HOST: host, DEMEC_DATA_DIR: dataDir, DEMEC_WATCHTOWERS: towers } = env;
  return {
    account: given.account ?? privateKeyToAccount(privateKeyFrom(env)),
    rpcUrl: given.rpcUrl ?? required(env, "DEMEC_RPC"),
    deployment: given.deployment ?? parseDeployment(readText(required(env, "DEMEC_DEPLOYMENT"))),
    network: given.network ?? {
      ...(dht === undefined ? {} : { bootstrap: parseEntryPoints(dht) }),
      ...(host === undefined ? {} : { host }),
    },
    dataDir: given.dataDir ?? dataDir,
    watchtowers: given.watchtowers ?? (towers === undefined ? [] : parseNodeKeys(towers)),
    light: given.light,
  };
}

/** Entry points of a DHT, as `host:port,host:port`. @throws sdk/bad-setting */
export function parseEntryPoints(text: string): { host: string; port: number }[] {
  return text.split(",").map((part) => {
    const match = /^(.+):(\d{1,5})$/.exec(part.trim());
    const port = Number(match?.[2]);
    if (!match || port < 1 || port > 65535) throw badSetting(`"${part}" is not host:port.`, { text });
    return { host: match[1]!, port };
  });
}

/** The inverse of {@link parseEntryPoints}. */
export function formatEntryPoints(entryPoints: readonly { readonly host: string; readonly port: number }[]): string {
  return entryPoints.map(({ host, port }) => `${host}:${port}`).join(",");
}

function parseNodeKeys(text: string): Hex[] {
  return text.split(",").map((part) => {
    const key = part.trim();
    if (!isHex(key) || key.length !== 66) throw badSetting(`"${key}" is not a node key.`, { text });
    return key;
  });
}

/** The buyer's key. It never stands in an error. */
function privateKeyFrom(env: Environment) {
  const key = required(env, "DEMEC_PRIVATE_KEY");
  if (!isHex(key) || key.length !== 66) {
    throw badSetting("DEMEC_PRIVATE_KEY is not a private key.", { variable: "DEMEC_PRIVATE_KEY" });
  }
  return key;
}

function required(env: Environment, variable: string): string {
  const value = env[variable];
  if (value === undefined || value === "") throw badSetting(`${variable} is not set.`, { variable });
  return value;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw badSetting(`DEMEC_DEPLOYMENT is ${path}, which can't be read.`, { path }, cause);
  }
}

function badSetting(what: string, details: Readonly<Record<string, unknown>>, cause?: unknown): DemecError {
  return new DemecError("sdk/bad-setting", what, { details, cause });
}
