import { mkdirSync, readFileSync, renameSync, unwatchFile, watchFile, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type GatePolicy, parseGatePolicy } from "@demec/access";
import type { Deployment } from "@demec/chain";
import { formatServiceName } from "@demec/protocol";
import type { Daemon, DaemonOptions } from "@demec/provider/node";
import { badOption } from "../errors.ts";

/** Policies as they were written, by the canonical names of services. */
type Gates = Readonly<Record<string, unknown>>;

/** How often providers look whether the file has changed; milliseconds. */
const LOOK_MS = 500;

/** Beside the folders of the providers that run from this data folder: all of them have the same gates. */
const fileIn = (dataDir: string) => join(dataDir, "gates.json");

/** The policy of every service that has one here, as it was written. @throws cli/bad-option for a file that can't be read */
export function readGates(dataDir: string): Gates {
  const path = fileIn(dataDir);
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Gates;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw badOption(`Gates ${path} can't be read.`, { path }, error);
  }
}

/** @param policy as it is written; null: none @throws access/bad-policy, and nothing is written */
export function writeGate(dataDir: string, service: string, policy: unknown): void {
  if (policy !== null) parseGatePolicy(policy);
  const { [service]: _former, ...others } = readGates(dataDir);
  mkdirSync(dataDir, { recursive: true });
  const path = fileIn(dataDir);
  // Whole or not at all: a provider may be reading.
  writeFileSync(
    `${path}.new`,
    `${JSON.stringify({ ...others, ...(policy !== null && { [service]: policy }) }, null, 2)}\n`,
  );
  renameSync(`${path}.new`, path);
}

/** The gates of a market's services. @throws access/bad-policy, cli/bad-option */
export function gatesOf(dataDir: string, { chainId, accessToken }: Deployment): Map<bigint, GatePolicy> {
  const market = formatServiceName({ chainId, accessToken, serviceId: 0n }).slice(0, -1);
  const own = Object.entries(readGates(dataDir)).filter(([service]) => service.startsWith(market));
  return new Map(own.map(([service, policy]) => [BigInt(service.slice(market.length)), parseGatePolicy(policy)]));
}

/**
 * Has running providers keep the gates of the file, as it is and whenever it changes. A file that can't be read any more
 * changes nothing: nobody gets in by a mistake.
 * @returns what ends it
 * @throws access/bad-policy, cli/bad-option for the file as it is
 */
export function followGates(
  dataDir: string,
  deployment: Deployment,
  providers: readonly Pick<Daemon, "gate">[],
  logger: DaemonOptions["logger"],
): () => void {
  let known = new Map<bigint, GatePolicy>();
  const apply = () => {
    const gates = gatesOf(dataDir, deployment);
    for (const provider of providers) {
      for (const [serviceId, policy] of gates) provider.gate(serviceId, policy);
      for (const serviceId of known.keys()) if (!gates.has(serviceId)) provider.gate(serviceId, null);
    }
    known = gates;
  };
  apply();
  const path = fileIn(dataDir);
  const onChange = () => {
    try {
      apply();
      logger.info({ path, services: known.size }, "gates were changed");
    } catch (error) {
      logger.error({ path, error }, "gates can't be read, and stay as they were");
    }
  };
  watchFile(path, { interval: LOOK_MS, persistent: false }, onChange);
  return () => unwatchFile(path, onChange);
}
