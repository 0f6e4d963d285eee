import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { assertChain } from "@demec/chain";
import { isDemecError } from "@demec/protocol";
import type { Command } from "commander";
import { createPublicClient, formatEther, http } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { readAccountKey } from "./account.ts";
import { type Config, readConfig } from "./config.ts";
import { checkPages, keptProviders } from "./doctorPages.ts";

/** What a check found. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it. */
  readonly cure?: string;
}

/** The first Node that runs TypeScript by itself. */
const LEAST_NODE = [22, 18] as const;

/** Looks at this machine, the chain, the account and the network; each check says what is wrong and goes on to the next. */
export async function applyChecks(command: Command): Promise<Finding[]> {
  const findings = [checkNode(), await check("sandbox", checkSandbox)];
  let config: Config;
  try {
    config = readConfig(command);
  } catch (error) {
    const cure = "Start `demec dev` for a network on this machine, or name one: --rpc and --deployment.";
    return [...findings, { ...failed("settings", error), cure }];
  }
  const providers = keptProviders(config.dataDir);
  return [
    ...findings,
    await check("folder", () => checkFolder(config)),
    await check("chain", () => checkChain(config)),
    await check("contracts", () => checkContracts(config)),
    await check("account", () => checkAccount(config)),
    await check("port", () => checkPort(config)),
    await check("DHT", () => checkDht(config)),
    ...(providers.length > 0 ? [await check("pages", () => checkPages(providers, config.network))] : []),
  ];
}

async function check(name: string, look: () => Promise<string | Omit<Finding, "name">>): Promise<Finding> {
  try {
    const found = await look();
    return { name, ...(typeof found === "string" ? { ok: true, detail: found } : found) };
  } catch (error) {
    return failed(name, error);
  }
}

function failed(name: string, error: unknown): Finding {
  const detail = error instanceof Error ? error.message.replace(/ Next: .*$/s, "") : String(error);
  return { name, ok: false, detail, ...(isDemecError(error) ? { cure: error.next } : {}) };
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const detail = process.versions.node;
  return { name: "Node", ok, detail, ...(ok ? {} : { cure: `Install Node ${LEAST_NODE.join(".")} or newer.` }) };
}

async function checkSandbox(): Promise<string | Omit<Finding, "name">> {
  const { Executor } = await import("@demec/wasm/node");
  const executor = new Executor({ lanes: 1 });
  try {
    const { engine, sandbox } = executor.status();
    // A buyer needs none: it is no reason to fail.
    const cure = "To sell to strangers, install bubblewrap (Debian: apt-get install bubblewrap).";
    return { ok: true, detail: `${engine}, ${sandbox}`, ...(sandbox.startsWith("none") ? { cure } : {}) };
  } finally {
    await executor.close();
  }
}

async function checkFolder({ dataDir }: Config): Promise<string> {
  mkdirSync(dataDir, { recursive: true });
  rmSync(mkdtempSync(join(dataDir, "doctor-")), { recursive: true });
  return `${dataDir} can be written`;
}

const clientOf = ({ rpcUrl }: Config) => createPublicClient({ transport: http(rpcUrl, { retryCount: 0 }) });

async function checkChain(config: Config): Promise<string> {
  await assertChain(clientOf(config), config.deployment);
  return `${config.deployment.chainId} at ${config.rpcUrl}`;
}

async function checkContracts(config: Config): Promise<string | Omit<Finding, "name">> {
  const { market, escrow, registry, staking, accessToken } = config.deployment;
  for (const address of [market, escrow, registry, staking, accessToken]) {
    const code = await clientOf(config).getCode({ address });
    if (code === undefined) {
      return { ok: false, detail: `none at ${address}`, cure: "Give the deployment that belongs to this chain." };
    }
  }
  return `market at ${market}`;
}

async function checkAccount(config: Config): Promise<string | Omit<Finding, "name">> {
  const address = privateKeyToAddress(await readAccountKey(config));
  const balance = await clientOf(config).getBalance({ address });
  const detail = `${address} has ${formatEther(balance)} coins for gas`;
  return balance > 0n ? detail : { ok: false, detail, cure: "Send it some of the chain's own coin." };
}

async function checkPort({ network }: Config): Promise<string> {
  const socket = createSocket("udp4");
  try {
    socket.bind(0, network.host);
    await once(socket, "listening");
    return `UDP can be bound on ${network.host ?? "all addresses"}`;
  } finally {
    socket.close();
  }
}

async function checkDht({ network }: Config): Promise<string> {
  const { Node } = await import("@demec/network");
  const node = await Node.create(network);
  try {
    const topic = crypto.getRandomValues(new Uint8Array(32));
    for await (const _peer of node.lookup(topic, { limit: 1 }));
    const { bootstrap } = network;
    return `answers${bootstrap === undefined ? " (the public one)" : ` at ${bootstrap.map(({ port }) => port).join(", ")}`}`;
  } finally {
    await node.close();
  }
}
