import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Deployment, parseDeployment } from "@demec/chain";
import type { Address, Hex } from "@demec/protocol";
import { formatEntryPoints } from "@demec/sdk/node";
import { devKey, fund } from "../../packages/cli/src/dev/money.ts";
import { JsonProcess } from "./jsonProcess.ts";

/** Where a local network is, unless it is told otherwise. */
export const LOOPBACK = "127.0.0.1";

/** Both end with their parent; Ctrl-C reaches them through it alone. */
const DETACHED = { detached: true } as const;
const CHAIN = "scripts/local/chain.ts";
const DHT = "packages/network/src/dht/localDhtMain.ts";

export interface LocalNetwork {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** The deployment as a file, for commands. */
  readonly deploymentFile: string;
  /** Test money with 6 decimals that anyone may mint. */
  readonly mockUsd: Address;
  /** Entry points of the DHT, as `host:port,…`. */
  readonly dht: string;
  readonly bootstrap: readonly { host: string; port: number }[];
  /** Private key of development account `index`; 0 deployed the contracts and holds the stake tokens. */
  key(index: number): Hex;
  /** Gives an account stake tokens and test money. */
  fund(account: Address, amounts: { readonly demec?: bigint; readonly usd?: bigint }): Promise<void>;
  /** Stops one of both, for good. */
  stopChain(): Promise<unknown>;
  stopDht(): Promise<unknown>;
  /** Kills one of both. @returns what starts it again, at the same address: the chain as it was, the DHT empty */
  killChain(): Promise<() => Promise<unknown>>;
  killDht(): Promise<() => Promise<unknown>>;
  stop(): Promise<void>;
}

/** How a local network is: by default on loopback, with a DHT of its own, gone with its processes. */
export interface LocalNetworkOptions {
  /** Address of the chain and the DHT. */
  readonly host?: string;
  /** Entry points of the DHT that is there already; undefined: one is started. */
  readonly bootstrap?: readonly { host: string; port: number }[];
  /** The chain survives its process, at the price of some milliseconds a transaction. */
  readonly kept?: boolean;
}

/**
 * Chain, contracts and DHT, each a process of its own.
 * @param folder gets the deployment file
 */
export async function startLocalNetwork(folder: string, options: LocalNetworkOptions = {}): Promise<LocalNetwork> {
  const { host = LOOPBACK, kept = false } = options;
  const chainArgs = ["--host", host, ...(kept ? ["--keep", join(folder, "chain.jsonl")] : [])];
  let chain = new JsonProcess(CHAIN, chainArgs, DETACHED);
  let dht = options.bootstrap ?? new JsonProcess(DHT, ["--with-parent"], DETACHED);
  const stopChain = () => chain.kill("SIGTERM");
  const stopDht = async () => (dht instanceof JsonProcess ? dht.kill("SIGTERM") : null);
  const stop = async () => {
    await Promise.all([stopChain(), stopDht()]);
  };
  try {
    const ready = (await chain.nextObject()) as { rpcUrl: string; deployment: { mockUsd: Address } };
    const { rpcUrl } = ready;
    const json = JSON.stringify(ready.deployment, null, 2);
    const deployment = parseDeployment(json);
    const { mockUsd } = ready.deployment;
    const deploymentFile = join(folder, "deployment.json");
    await writeFile(deploymentFile, json);
    const bootstrap = dht instanceof JsonProcess ? await dht.next<{ host: string; port: number }[]>("bootstrap") : dht;

    return {
      rpcUrl,
      deployment,
      deploymentFile,
      mockUsd,
      bootstrap,
      dht: formatEntryPoints(bootstrap),
      key: devKey,
      fund: (account, amounts) => fund({ rpcUrl, deployment, mockUsd }, account, amounts),
      stopChain,
      stopDht,
      async killChain() {
        await chain.kill("SIGKILL");
        return () => {
          chain = new JsonProcess(CHAIN, [...chainArgs, "--port", new URL(rpcUrl).port], DETACHED);
          return chain.nextObject();
        };
      },
      async killDht() {
        if (!(dht instanceof JsonProcess)) throw new Error("The DHT is not this network's own.");
        await dht.kill("SIGKILL");
        return () => {
          dht = new JsonProcess(DHT, ["--with-parent", "--port", `${bootstrap[0]!.port}`], DETACHED);
          return dht.nextObject();
        };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
