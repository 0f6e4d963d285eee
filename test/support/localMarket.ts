// A market that really runs: chain, contracts and DHT as processes, a publisher in this one; and its books.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimOf, createService, creditsOf, reserveOf, type ServiceParams, supplyOf } from "@demec/chain";
import { ContentStore, type Guide, Node } from "@demec/network";
import {
  type Address,
  type ContentReference,
  formatServiceMetadata,
  formatServiceName,
  type Hex,
  METER_VERSION,
} from "@demec/protocol";
import { type Daemon, type DaemonOptions, startDaemon } from "@demec/provider/node";
import { type ConnectedDemec, type ConnectOptions, connect } from "@demec/sdk/node";
import { createPublicClient, createTestClient, createWalletClient, erc20Abi, http } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { readContract } from "viem/actions";
import { JsonProcess, type JsonProcessOptions } from "../../scripts/local/jsonProcess.ts";
import {
  LOOPBACK,
  type LocalNetwork,
  type LocalNetworkOptions,
  startLocalNetwork,
} from "../../scripts/local/localNetwork.ts";
import { TestLog } from "./testLog.ts";

export const CREDIT = 10n ** 18n;
export const USD = 10n ** 6n;
const CLI = "packages/cli/src/main.ts";

/** From $0.01 to $0.10 a credit over a thousand credits. */
export const CURVE = {
  x1: 300n * CREDIT,
  x2: 700n * CREDIT,
  x3: 1_000n * CREDIT,
  y0: 10_000n * CREDIT,
  y1: 10_000n * CREDIT,
  y2: 100_000n * CREDIT,
  y3: 100_000n * CREDIT,
};

/** What a call of the test function needs, and costs little. */
export const LIMITS = { bitOps: 10_000_000n, floatOps: 0n, memoryPages: 256, outputBytes: 1 << 20 };

export type TestAccount = PrivateKeyAccount & { readonly privateKey: Hex };

export interface TestProvider {
  readonly daemon: Daemon;
  readonly owner: TestAccount;
  readonly operator: TestAccount;
  readonly log: TestLog;
}

/** A provider in a process of its own. */
export interface SpawnedProvider {
  readonly process: JsonProcess;
  readonly owner: TestAccount;
  readonly operator: TestAccount;
  readonly nodeKey: Hex;
  readonly guide: Guide | null;
  /** With `--metrics` among its arguments, else null. */
  readonly metricsUrl: string | null;
  /** Starts it once more, with the same keys and data. */
  readonly again: () => Promise<SpawnedProvider>;
}

export interface ProviderSetting {
  readonly services: readonly string[];
  readonly region?: string;
  readonly owner?: TestAccount;
  readonly operator?: TestAccount;
  /** A folder of its own when left out. */
  readonly dataDir?: string;
  readonly policy?: DaemonOptions["policy"];
  readonly gates?: DaemonOptions["gates"];
  /** Whether it listens for WebSockets, and guides pages. True when left out. */
  readonly webSocket?: boolean;
  /** More options of the command. */
  readonly args?: readonly string[];
  /** Program to run instead of this repository's command. */
  readonly program?: string;
}

/** Who holds what: test money, claims and credits of every account that was handed out, and the market's side of it. */
export type Books = Readonly<Record<string, bigint>>;

export class LocalMarket {
  readonly network: LocalNetwork;
  readonly folder: string;
  readonly client;
  readonly #host: string;
  readonly #publisher: { readonly account: TestAccount; readonly node: Node; readonly code: ContentStore };
  readonly #accounts: TestAccount[] = [];
  readonly #serviceIds: bigint[] = [];
  readonly #closers: (() => Promise<unknown>)[] = [];
  #folders = 0;

  /** @param options of the network */
  static async start(options: LocalNetworkOptions = {}): Promise<LocalMarket> {
    const folder = await mkdtemp(join(tmpdir(), "demec-test-"));
    // For this process and those it starts: what the machine's user has settled or named is nobody's business here.
    process.env.DEMEC_HOME = join(folder, "home");
    const network = await startLocalNetwork(folder, options);
    const { host = LOOPBACK } = options;
    const node = await Node.create({ bootstrap: network.bootstrap, host });
    const code = await ContentStore.open(join(folder, "publisher"), { node });
    await node.listen({ onConnection: (connection) => code.replicate(connection) });
    return new LocalMarket(folder, host, network, node, code);
  }

  private constructor(folder: string, host: string, network: LocalNetwork, node: Node, code: ContentStore) {
    this.folder = folder;
    this.#host = host;
    this.network = network;
    this.client = createPublicClient({ transport: this.#http() });
    // Account 0 deployed the contracts and is their treasury.
    this.#accounts.push(this.#account(0));
    this.#publisher = { node, code, account: this.#nextAccount() };
  }

  get deployment() {
    return this.network.deployment;
  }

  get publisher(): TestAccount {
    return this.#publisher.account;
  }

  /** A fresh account with coin for gas and what else is asked for; base units. */
  async account(funds: { readonly demec?: bigint; readonly usd?: bigint } = {}): Promise<TestAccount> {
    const account = this.#nextAccount();
    await this.#chain.setBalance({ address: account.address, value: 10n ** 20n });
    await this.network.fund(account.address, funds);
    return account;
  }

  wallet(account: PrivateKeyAccount) {
    return createWalletClient({ transport: this.#http(), account });
  }

  newFolder(): string {
    return join(this.folder, `${++this.#folders}`);
  }

  /** Puts a service that was created elsewhere on the books. */
  know(service: string): void {
    this.#serviceIds.push(BigInt(service.split("/").at(-1)!));
  }

  /** Bytes for all of the network, by the publisher. */
  share(bytes: Uint8Array): Promise<ContentReference> {
    return this.#publisher.code.publish(bytes);
  }

  /** Publishes a module and creates its service. @returns the service's name */
  async publish(module: Uint8Array, changes: Partial<ServiceParams> = {}): Promise<string> {
    const { code, account } = this.#publisher;
    const { coreKey, sha256 } = await code.publish(module);
    const { serviceId } = await createService(this.wallet(account), this.deployment, {
      codeHash: sha256,
      codeCore: coreKey,
      paymentToken: this.network.mockUsd,
      royaltyBps: 250,
      tariff: { a: 10n ** 14n, b: 2n * 10n ** 14n, c: 10n ** 15n, d: 0n, e: 0n, f: 0n },
      sla: { maxLatencyMs: 0, toleranceBps: 100, rebateBps: 5_000, bondPenaltyBps: 0 },
      challengePeriod: 3600,
      minBondPerCredit: CREDIT,
      meterVersion: METER_VERSION,
      curve: CURVE,
      metadata: formatServiceMetadata({ name: "shout", shape: "reactor", limits: LIMITS }),
      ...changes,
    });
    this.#serviceIds.push(serviceId);
    const { chainId, accessToken } = this.deployment;
    return formatServiceName({ chainId, accessToken, serviceId });
  }

  /** A provider in this process, but for its executor. It is stopped with the market at the latest. */
  async startProvider({ services, region = "eu-de-fra", ...setting }: ProviderSetting): Promise<TestProvider> {
    const owner = setting.owner ?? (await this.account({ demec: 5_000n * CREDIT }));
    const operator = setting.operator ?? (await this.account());
    const log = new TestLog();
    const daemon = await startDaemon({
      rpcUrl: this.network.rpcUrl,
      deployment: this.deployment,
      ownerPrivateKey: owner.privateKey,
      operatorPrivateKey: operator.privateKey,
      regions: [region],
      stake: 5_000n * CREDIT,
      serviceIds: services.map((name) => BigInt(name.split("/").at(-1)!)),
      dataDir: setting.dataDir ?? this.newFolder(),
      network: {
        ...this.nodeOptions,
        ...(setting.webSocket !== false && { webSocket: { host: this.#host, port: 0 } }),
      },
      executor: { lanes: 1 },
      logger: log,
      policy: { reviewMs: 200, ...setting.policy },
      ...(setting.gates && { gates: setting.gates }),
    });
    this.#closers.push(() => daemon.stop());
    return { daemon, owner, operator, log };
  }

  /** A provider in a process of its own, by the command. */
  async spawnProvider(
    { services, region = "eu-de-fra", ...setting }: ProviderSetting,
    options: JsonProcessOptions = {},
  ): Promise<SpawnedProvider> {
    const owner = setting.owner ?? (await this.account({ demec: 5_000n * CREDIT }));
    const operator = setting.operator ?? (await this.account());
    const dataDir = setting.dataDir ?? this.newFolder();
    const args = ["provider", "start", "--region", region, "--stake", "5000", "--log-level", "warn"];
    const env = {
      DEMEC_OWNER_KEY: owner.privateKey,
      DEMEC_OPERATOR_KEY: operator.privateKey,
      DEMEC_DATA_DIR: dataDir,
    };
    const door = setting.webSocket === false ? [] : ["--web-socket", `${this.#host}:0`];
    const more = [...services.flatMap((name) => ["--service", name]), ...door, ...(setting.args ?? [])];
    const process = this.cli([...args, ...more], env, options, setting.program);
    const said = (await process.nextObject()) as Pick<SpawnedProvider, "nodeKey" | "guide" | "metricsUrl">;
    const again = () => this.spawnProvider({ ...setting, services, region, owner, operator, dataDir }, options);
    // The command says its owner too, by the address alone.
    return { ...said, process, owner, operator, again };
  }

  /** Environment that commands, and `connect` without options, take their settings from. */
  environment(account: TestAccount, dataDir = this.newFolder()): Record<string, string> {
    return { ...this.#environment, DEMEC_PRIVATE_KEY: account.privateKey, DEMEC_DATA_DIR: dataDir };
  }

  /** The `demec` command, with --json. It is killed with the market at the latest. */
  cli(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    options?: JsonProcessOptions,
    program = CLI,
  ): JsonProcess {
    return this.spawn(program, [...args, "--json"], {
      ...options,
      env: { ...this.#environment, ...env, ...options?.env },
    });
  }

  spawn(path: string, args: readonly string[], options: JsonProcessOptions = {}): JsonProcess {
    const process = new JsonProcess(path, args, options);
    this.#closers.push(() => process.kill("SIGKILL"));
    return process;
  }

  /** A buyer's client. It is closed with the market at the latest. */
  async connect(account: TestAccount, options: Partial<ConnectOptions> = {}): Promise<ConnectedDemec> {
    const { rpcUrl } = this.network;
    const { deployment, nodeOptions: network } = this;
    const demec = await connect({ account, rpcUrl, deployment, network, ...options });
    this.#closers.push(() => demec.close());
    return demec;
  }

  /** Lets `seconds` pass on the chain, and mines a block. */
  async passTime(seconds: number | bigint): Promise<void> {
    await this.#chain.increaseTime({ seconds: Number(seconds) });
    await this.#chain.mine({ blocks: 1 });
  }

  /** Everybody's money at this moment. */
  async books(): Promise<Books> {
    const { deployment, client } = this;
    const token = this.network.mockUsd;
    const holders = new Map<string, Address>([
      ...this.#accounts.map(({ address }, index) => [`account ${index}`, address] as const),
      ["market", deployment.market],
      ["escrow", deployment.escrow],
      ["court", deployment.court],
    ]);
    const entries: Promise<readonly [string, bigint]>[] = [];
    const enter = (name: string, amount: Promise<bigint>) =>
      entries.push(amount.then((value) => [name, value] as const));
    for (const [name, account] of holders) {
      const balance = { address: token, abi: erc20Abi, functionName: "balanceOf", args: [account] } as const;
      enter(`${name}: money`, readContract(client, balance));
      enter(`${name}: claim`, claimOf(client, deployment, { token, account }));
      const allowance = {
        address: token,
        abi: erc20Abi,
        functionName: "allowance",
        args: [account, deployment.market],
      } as const;
      enter(`${name}: allowance to the market`, readContract(client, allowance));
      for (const serviceId of this.#serviceIds)
        enter(`${name}: credits of ${serviceId}`, creditsOf(client, deployment, { serviceId, account }));
    }
    for (const serviceId of this.#serviceIds) {
      enter(`reserve of ${serviceId}`, reserveOf(client, deployment, serviceId));
      enter(`supply of ${serviceId}`, supplyOf(client, deployment, serviceId));
    }
    return Object.fromEntries(await Promise.all(entries));
  }

  get nodeOptions() {
    return { bootstrap: this.network.bootstrap, host: this.#host };
  }

  /** Ends everything that was started here. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#closers.map((close) => close()));
    await this.#publisher.node.close();
    await this.#publisher.code.close();
    await this.network.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  get #chain() {
    return createTestClient({ mode: "hardhat", transport: this.#http() });
  }

  get #environment(): Record<string, string> {
    const { rpcUrl, deploymentFile, dht } = this.network;
    return { DEMEC_RPC: rpcUrl, DEMEC_DEPLOYMENT: deploymentFile, DEMEC_DHT: dht, DEMEC_HOST: this.#host };
  }

  #http() {
    return http(this.network.rpcUrl, { batch: true });
  }

  #nextAccount(): TestAccount {
    const account = this.#account(this.#accounts.length);
    this.#accounts.push(account);
    return account;
  }

  #account(index: number): TestAccount {
    const privateKey = this.network.key(index);
    return { ...privateKeyToAccount(privateKey), privateKey };
  }
}
