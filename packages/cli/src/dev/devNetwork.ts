import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatDeployment, listServices } from "@demec/chain";
import { startLocalDht } from "@demec/network";
import { DemecError } from "@demec/protocol";
import { type Daemon, type DaemonOptions, startDaemon } from "@demec/provider/node";
import { type DevNetwork, devNetworkFile, forgetServices, formatEntryPoints, readDevNetwork } from "@demec/sdk/node";
import { createPublicClient, http, parseUnits } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { followGates } from "../access/gates.ts";
import { startChain } from "./chain.ts";
import { loadContracts } from "./contracts.ts";
import { devKey, fund } from "./money.ts";

/** Development accounts by role; 0 deployed the contracts. */
const DEVELOPER = 1;
const PROVIDERS = [
  { owner: 2, operator: 3, region: "eu-de-fra" },
  { owner: 4, operator: 5, region: "us-va-iad" },
] as const;
const HOST = "127.0.0.1";
const STAKE = parseUnits("5000", 18);
/** How often it is looked for new services; milliseconds. */
const LOOK_MS = 200;

type Logger = DaemonOptions["logger"];

/** What runs, until it is stopped. */
export interface RunningNetwork {
  readonly network: DevNetwork;
  readonly providers: readonly Daemon[];
  stop(): Promise<void>;
}

/**
 * Starts a chain with the contracts, a DHT and two providers that take up every service that is created, and says where
 * all is in a file that other commands and `connect` read.
 * @throws cli/dev-running
 */
export async function startDevNetwork(home: string, logger: Logger): Promise<RunningNetwork> {
  const other = readDevNetwork(home);
  if (other !== null) {
    throw new DemecError("cli/dev-running", `A development network runs here already, as process ${other.pid}.`, {
      details: { pid: other.pid },
    });
  }
  const folder = join(home, "dev");
  // What a network left that was killed.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const closers: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const chain = await startChain();
    closers.push(() => chain.stop());
    const { rpcUrl } = chain;
    const { deployment, mockUsd } = await loadContracts(rpcUrl);
    const deploymentFile = join(folder, "deployment.json");
    writeFileSync(deploymentFile, formatDeployment(deployment));
    const dht = await startLocalDht();
    closers.push(() => dht.close());
    const give = (index: number, amounts: Parameters<typeof fund>[2]) =>
      fund({ rpcUrl, deployment, mockUsd }, privateKeyToAddress(devKey(index)), amounts);
    await give(DEVELOPER, { demec: STAKE, usd: parseUnits("10000", 6) });
    for (const { owner } of PROVIDERS) await give(owner, { demec: STAKE });
    const providers = await Promise.all(
      PROVIDERS.map(({ owner, operator, region }) =>
        startDaemon({
          ...{ rpcUrl, deployment, stake: STAKE, logger, regions: [region], serviceIds: [] },
          ownerPrivateKey: devKey(owner),
          operatorPrivateKey: devKey(operator),
          dataDir: join(folder, region),
          network: { bootstrap: dht.bootstrap, host: HOST, webSocket: { host: HOST, port: 0 } },
          executor: { lanes: 1 },
        }),
      ),
    );
    closers.push(() => Promise.all(providers.map((provider) => provider.stop())));
    const dataDir = join(folder, "data");
    const unfollow = followGates(dataDir, deployment, providers, logger);
    closers.push(async () => unfollow());

    const stopped = new AbortController();
    const looking = serveAll(
      createPublicClient({ transport: http(rpcUrl) }),
      deployment,
      providers,
      logger,
      stopped.signal,
    );
    closers.push(() => {
      stopped.abort();
      return looking;
    });

    forgetServices(home, deployment);
    const network: DevNetwork = {
      ...{ pid: process.pid, rpc: rpcUrl, deployment: deploymentFile, host: HOST },
      dht: formatEntryPoints(dht.bootstrap),
      guides: providers.flatMap(({ guide }) => guide ?? []),
      ...{ dataDir, privateKey: devKey(DEVELOPER), paymentToken: mockUsd },
    };
    writeFileSync(devNetworkFile(home), JSON.stringify(network), { mode: 0o600 });
    closers.push(async () => {
      rmSync(devNetworkFile(home), { force: true });
      forgetServices(home, deployment);
    });
    return { network, providers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Has the providers take up each new service, until the signal fires. */
async function serveAll(
  client: ReturnType<typeof createPublicClient>,
  deployment: DaemonOptions["deployment"],
  providers: readonly Daemon[],
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const known = new Set<bigint>();
  while (!signal.aborted) {
    const services = await listServices(client, deployment).catch(() => []);
    for (const { serviceId } of services) {
      if (known.has(serviceId) || signal.aborted) continue;
      known.add(serviceId);
      // One service after the other: an account's transactions must not overtake each other.
      const served = providers.map((provider) =>
        provider.serve(serviceId).catch((error) => logger.warn({ serviceId, error }, "a service can't be served")),
      );
      await Promise.all(served);
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
