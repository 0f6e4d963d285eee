import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Guide } from "@demec/network";
import type { Hex } from "@demec/protocol";

type Environment = Readonly<Record<string, string | undefined>>;

/** The network that `demec dev` keeps on this machine, as it describes it in a file while it runs. */
export interface DevNetwork {
  /** Process that keeps it. */
  readonly pid: number;
  readonly rpc: string;
  /** File with the deployment's JSON. */
  readonly deployment: string;
  /** Entry points of its DHT, as `host:port,…`. */
  readonly dht: string;
  /** Nodes that guide pages. */
  readonly guides: readonly Guide[];
  /** Address to bind. */
  readonly host: string;
  readonly dataDir: string;
  /** Of the developer's account: a published development key, worth nothing on any other chain. */
  readonly privateKey: Hex;
  /** Test money that anyone may mint. */
  readonly paymentToken: Hex;
}

/** Where deMEC keeps what belongs to this user: DEMEC_HOME, or `.demec` in the home folder. */
export function demecHome(env: Environment): string {
  return env.DEMEC_HOME ?? join(homedir(), ".demec");
}

/** File that says what `demec dev` keeps running. */
export const devNetworkFile = (home: string): string => join(home, "dev.json");

/** The development network that runs on this machine; null when none does. */
export function readDevNetwork(home: string): DevNetwork | null {
  try {
    const network = JSON.parse(readFileSync(devNetworkFile(home), "utf8")) as DevNetwork;
    return isAlive(network.pid) ? network : null;
  } catch {
    // No file, or one that is being written: nothing runs that could be used.
    return null;
  }
}

/** A process that was killed leaves its file behind. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
