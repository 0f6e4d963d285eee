import { join } from "node:path";
import { AccountGate, type GatePolicy, NodeKeyOpener } from "@demec/access";
import type { Deployment } from "@demec/chain";
import { ContentStore, type Guide, Node, type NodeOptions, nodeSeed } from "@demec/network";
import type { Hex } from "@demec/protocol";
import { LevelJournal } from "@demec/session/node";
import { Executor, type ExecutorOptions, type ExecutorStatus } from "@demec/wasm/node";
import { wasmtimeModule } from "@demec/wasmtime";
import { createPublicClient, createWalletClient, http } from "viem";
import { privateKeyToAccount, privateKeyToAddress } from "viem/accounts";
import { closeAll } from "../closeAll.ts";
import type { Logger } from "../logger.ts";
import { DEFAULT_POLICY, type ProviderPolicy } from "../policy.ts";
import { Provider, type ProviderStatus } from "../provider.ts";
import { enrolIfMissing, setUpProvider } from "../setUp.ts";
import { LevelAccessStore } from "./accessStore.ts";
import { balanceReader } from "./balances.ts";
import { healthReader } from "./health.ts";
import { providerMetrics } from "./metrics.ts";
import { type OperationsAddress, serveOperations } from "./operationsServer.ts";

export interface DaemonOptions {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Key of the staked account; only set-up needs it. */
  readonly ownerPrivateKey: Hex;
  readonly operatorPrivateKey: Hex;
  readonly regions: readonly string[];
  /** Stake to reach; stake-token base units. */
  readonly stake: bigint;
  readonly serviceIds: readonly bigint[];
  /** Journal, content and node key are kept here. */
  readonly dataDir: string;
  readonly network?: NodeOptions;
  readonly policy?: Partial<ProviderPolicy>;
  readonly executor?: ExecutorOptions;
  /** Modules, inputs and outputs kept on disk at most; bytes, 4 GiB by default. */
  readonly contentBytes?: number | undefined;
  /** Where metrics and health are served over HTTP; nowhere by default. */
  readonly metrics?: OperationsAddress | undefined;
  /** Who may call which service at first, by its id; services without a policy are open to whoever pays. */
  readonly gates?: ReadonlyMap<bigint, GatePolicy>;
  readonly logger: Logger;
}

export interface DaemonStatus extends ProviderStatus {
  /** What runs strangers' code, and in which sandbox. */
  readonly executor: ExecutorStatus;
}

export interface Daemon {
  readonly owner: Hex;
  readonly nodeKey: Hex;
  /** What pages need to be guided by this provider; null unless it listens for WebSockets. */
  readonly guide: Guide | null;
  /** Where metrics and health are served; null: nowhere. */
  readonly metricsUrl: string | null;
  status(): DaemonStatus;
  /** Enrols in a service where that is missing, and takes it up while running. @throws like `startDaemon` for its services */
  serve(serviceId: bigint): Promise<void>;
  /**
   * Puts a gate before a service, another one than it has, or none. Whoever is inside and doesn't get in by it is shown out at
   * the next review.
   */
  gate(serviceId: bigint, policy: GatePolicy | null): void;
  /**
   * Takes nothing new, lets running calls end and be signed for; `stop` afterwards.
   * @returns sessions that were not so far after `timeoutMs`
   */
  drain(timeoutMs: number): Promise<number>;
  /** Stops serving, makes durable what was signed, and leaves nothing running. */
  stop(): Promise<void>;
}

/** A whole provider in this process, but for the executor, which runs strangers' code in its own. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { rpcUrl, deployment, dataDir, operatorPrivateKey, serviceIds, logger, network, policy } = options;
  const transport = http(rpcUrl);
  const client = createPublicClient({ transport });
  const owner = privateKeyToAddress(options.ownerPrivateKey);
  const operator = privateKeyToAddress(operatorPrivateKey);

  const closers: (() => Promise<void>)[] = [];
  const stop = () => closeAll(closers);
  try {
    // Before all else: it tells when another process uses the same folder.
    const journal = await LevelJournal.open(join(dataDir, "journal"));
    closers.push(() => journal.close());
    const seed = await nodeSeed(dataDir);
    const node = await Node.create({ ...network, seed });
    closers.push(() => node.close());
    const content = await ContentStore.open(join(dataDir, "content"), { node, maxBytes: options.contentBytes });
    closers.push(() => content.close());
    const executor = new Executor({ engine: wasmtimeModule(), ...options.executor });
    closers.push(() => executor.close());
    const { engine, sandbox } = executor.status();
    logger[sandbox.startsWith("none") ? "warn" : "info"](
      { engine, sandbox },
      "strangers' code runs in its own process",
    );

    const store = await LevelAccessStore.open(join(dataDir, "access"));
    closers.push(() => store.close());
    const doors = new Map<bigint, AccountGate>();
    const gate = (serviceId: bigint, policy: GatePolicy | null) => {
      if (policy === null) doors.delete(serviceId);
      else
        doors.set(
          serviceId,
          new AccountGate({ client, deployment, provider: owner, serviceId, policy, nodeSeed: seed, store }),
        );
    };
    for (const [serviceId, policy] of options.gates ?? []) gate(serviceId, policy);

    const ownerWallet = createWalletClient({ transport, account: privateKeyToAccount(options.ownerPrivateKey) });
    const { keysHoldFrom } = await setUpProvider({ ...options, client, ownerWallet, nodeKey: node.publicKey });
    if (keysHoldFrom !== 0n) {
      logger.warn(
        { keysHoldFrom, operator, nodeKey: node.publicKey },
        "buyers know this provider by former keys still",
      );
    }
    const provider = await Provider.start({
      client,
      wallet: createWalletClient({ transport, account: privateKeyToAccount(operatorPrivateKey) }),
      deployment,
      owner,
      operatorPrivateKey,
      node,
      executor,
      journal,
      serviceIds,
      gates: doors,
      opener: new NodeKeyOpener(seed),
      logger,
      policy: { ...DEFAULT_POLICY, ...policy },
      inBrowser: false,
      content,
    });
    closers.push(() => provider.stop());
    const status = () => ({ ...provider.status(), executor: executor.status() });
    const operations =
      options.metrics &&
      (await serveOperations(options.metrics, {
        registry: providerMetrics(status, balanceReader({ client, deployment, owner, operator })),
        health: healthReader({
          ...{ client, deployment, node, executor, journal, dataDir },
          accepting: () => provider.status().accepting,
        }),
      }));
    if (operations !== undefined) closers.push(() => operations.close());
    return {
      owner,
      nodeKey: node.publicKey,
      guide: node.guide ?? null,
      metricsUrl: operations?.url ?? null,
      status,
      async serve(serviceId) {
        await enrolIfMissing({ client, ownerWallet, deployment }, serviceId);
        await provider.serve(serviceId);
      },
      gate,
      drain: (timeoutMs) => provider.drain(timeoutMs),
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}
