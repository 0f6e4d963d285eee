import { join } from "node:path";
import { claimOf, getService, reserveOf, supplyOf, withdrawClaim } from "@demec/chain";
import { areaAt, parseServiceName } from "@demec/protocol";
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  erc20Abi,
  formatUnits,
  http,
  parseUnits,
} from "viem";
import { privateKeyToAccount, privateKeyToAddress } from "viem/accounts";
import { readContract } from "viem/actions";
import { JsonProcess } from "../local/jsonProcess.ts";
import { type LocalNetwork, startLocalNetwork } from "../local/localNetwork.ts";
import type { Account } from "./account.ts";
import type { BuyerTask, Check } from "./buyerPort.ts";

const CLI = "packages/cli/src/main.ts";
const FUNCTIONS = "examples/functions";
/** Development accounts by role. */
const ROLES = {
  treasury: 0,
  publisher: 1,
  nearOwner: 2,
  nearOperator: 3,
  farOwner: 4,
  farOperator: 5,
  buyer: 6,
  holder: 7,
};

/** What the buyer's process says at its end. */
interface BuyerResult {
  readonly invocations: number;
  readonly receiptsVerified: number;
  readonly callsPerSecond: number;
  readonly failoverMs: number;
  readonly bought: readonly { credits: string; cost: string }[];
  readonly sold: readonly { credits: string; proceeds: string }[];
  readonly settlements: readonly { provider: string; providerAmount: string; creditsUsed: string }[];
  readonly refunded: string;
  readonly checks: readonly Check[];
}

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

/** Runs the demo in processes that are all gone when it returns. @param say hears of progress */
export async function runDemo(folder: string, say: (line: string) => void): Promise<Account> {
  const running: JsonProcess[] = [];
  say("starting a chain, deploying the contracts with Ignition, starting a DHT");
  // The demonstration leaves no names among those of the machine's user.
  process.env.DEMEC_HOME = join(folder, "home");
  const network = await startLocalNetwork(folder);
  try {
    return await new Demo(network, folder, say, running).run();
  } finally {
    await Promise.all(running.map((process) => process.kill("SIGTERM")));
    await network.stop();
  }
}

class Demo {
  readonly #network: LocalNetwork;
  readonly #folder: string;
  readonly #say: (line: string) => void;
  readonly #running: JsonProcess[];
  readonly #client;
  readonly #checks: Check[] = [];

  constructor(network: LocalNetwork, folder: string, say: (line: string) => void, running: JsonProcess[]) {
    this.#network = network;
    this.#folder = folder;
    this.#say = say;
    this.#running = running;
    this.#client = createPublicClient({ transport: http(network.rpcUrl) });
  }

  async run(): Promise<Account> {
    const { fund } = this.#network;
    const address = this.#address;
    for (const owner of [ROLES.nearOwner, ROLES.farOwner])
      await fund(address(owner), { demec: parseUnits("5000", 18) });
    for (const buyer of [ROLES.buyer, ROLES.holder]) await fund(address(buyer), { usd: parseUnits("1000", 6) });
    const before = await this.#balances();

    this.#say("publishing two functions, compiled from AssemblyScript");
    const publish = (name: string) => [
      ...[
        "deploy",
        join(FUNCTIONS, name, "build", `${name}.wasm`),
        "--payment-token",
        this.#network.mockUsd,
        "--name",
        name,
      ],
      ...["--curve", "0.01,100:0.02,500:0.08,1000:0.25", "--tariff", "0.0001,0.0002,0.002,0,0,0"],
      ...["--royalty", "200", "--challenge-period", "3600", "--min-bond", "1", "--max-latency", "10000"],
      ...["--limits", "200000000,100000000,256,1048576"],
    ];
    const services: string[] = [];
    for (const name of ["thumbnail", "wordcount"]) {
      const process = this.#cli(publish(name), {
        DEMEC_PRIVATE_KEY: this.#key(ROLES.publisher),
        DEMEC_DATA_DIR: join(this.#folder, name),
      });
      services.push(await process.next<string>("service"));
    }
    const [thumbnail, wordcount] = services as [string, string];

    this.#say(
      "starting two providers: one in Frankfurt, one in Virginia; they stake, enrol and fetch the code by its hash",
    );
    const [near] = await Promise.all([
      this.#provider(services, "eu-de-fra", ROLES.nearOwner, ROLES.nearOperator),
      this.#provider(services, "us-va-iad", ROLES.farOwner, ROLES.farOperator),
    ]);

    // Somebody else holds credits too, so that the reserve has something to back when the buyer has left.
    await this.#cli(["buy", thumbnail, "12.5"], { DEMEC_PRIVATE_KEY: this.#key(ROLES.holder) }).succeed();

    const result = await this.#buy(thumbnail, wordcount, near);
    this.#checks.push(...result.checks);
    return this.#settleAccounts(result, services, before);
  }

  async #buy(thumbnail: string, wordcount: string, near: JsonProcess): Promise<BuyerResult> {
    const { rpcUrl, deploymentFile, bootstrap } = this.#network;
    const task: BuyerTask = {
      rpcUrl,
      deploymentFile,
      bootstrap,
      thumbnail,
      wordcount,
      privateKey: this.#key(ROLES.buyer),
      dataDir: join(this.#folder, "buyer"),
      region: "eu-de",
      nearOwner: this.#address(ROLES.nearOwner),
      farOwner: this.#address(ROLES.farOwner),
    };
    const buyer = this.#spawn("scripts/demo/buyer.ts", [JSON.stringify(task)], {});
    for (;;) {
      const line = await buyer.nextObject();
      if (typeof line.note === "string") this.#say(`buyer: ${describe(line)}`);
      if (line.result !== undefined) return line.result as BuyerResult;
      if (line.ask === undefined) continue;
      if (line.ask === "kill-near") await near.kill("SIGKILL");
      else await this.#passTime(BigInt(line.until as string));
      buyer.child.stdin.write("done\n");
    }
  }

  /** Everybody takes out what the market owes them; then all the money there is must be where the account says. */
  async #settleAccounts(
    result: BuyerResult,
    services: readonly string[],
    before: Map<string, bigint>,
  ): Promise<Account> {
    const { deployment, mockUsd, rpcUrl } = this.#network;
    const withdrawn = new Map<string, bigint>();
    for (const [name, role] of Object.entries(ROLES)) {
      const account = privateKeyToAccount(this.#key(role));
      if ((await claimOf(this.#client, deployment, { token: mockUsd, account: account.address })) === 0n) continue;
      const wallet = createWalletClient({ transport: http(rpcUrl), account });
      withdrawn.set(name, (await withdrawClaim(wallet, deployment, { token: mockUsd })).amount);
    }
    const paidTo = (name: string) => withdrawn.get(name) ?? 0n;
    const providerPaid = paidTo("nearOwner") + paidTo("farOwner");
    const due = sum(result.settlements.map(({ providerAmount }) => BigInt(providerAmount)));
    this.#check(
      "providers withdrew exactly what the settlements gave them",
      providerPaid === due,
      `${providerPaid} of ${due}`,
    );

    let [reserveAfter, reserveExpected] = [0n, 0n];
    for (const { serviceId } of services.map(parseServiceName)) {
      const { curve } = await getService(this.#client, deployment, serviceId);
      reserveAfter += await reserveOf(this.#client, deployment, serviceId);
      reserveExpected += areaAt(curve, await supplyOf(this.#client, deployment, serviceId));
    }
    this.#check("the reserve is the area under the curve", reserveAfter === reserveExpected && reserveAfter > 0n);

    const after = await this.#balances();
    const market = after.get("market (reserves and claims)")!;
    this.#check("the market holds its reserves and nothing else", market === reserveAfter, `${market}`);
    const minted = await readContract(this.#client, { address: mockUsd, abi: erc20Abi, functionName: "totalSupply" });
    const conservation = minted - sum([...after.values()]);
    this.#check("nothing appeared or vanished", conservation === 0n, `${conservation}`);
    return {
      invocations: result.invocations,
      receiptsVerified: result.receiptsVerified,
      creditsBought: sum(result.bought.map(({ credits }) => BigInt(credits))),
      creditsSold: sum(result.sold.map(({ credits }) => BigInt(credits))),
      creditsUsed: sum(result.settlements.map(({ creditsUsed }) => BigInt(creditsUsed))),
      buyerPaid: sum(result.bought.map(({ cost }) => BigInt(cost))),
      saleProceeds: sum(result.sold.map(({ proceeds }) => BigInt(proceeds))),
      providerPaid,
      buyerRefunded: BigInt(result.refunded),
      protocolFees: paidTo("treasury"),
      royalties: paidTo("publisher"),
      reserveAfter,
      reserveExpected,
      conservation,
      callsPerSecond: result.callsPerSecond,
      failoverMs: result.failoverMs,
      parties: [...after].map(([name, amount]) => ({ name, before: before.get(name)!, after: amount })),
      checks: this.#checks,
    };
  }

  async #provider(services: readonly string[], region: string, owner: number, operator: number): Promise<JsonProcess> {
    const process = this.#cli(
      [
        "provider",
        "start",
        "--region",
        region,
        "--stake",
        "5000",
        "--log-level",
        "warn",
        ...services.flatMap((name) => ["--service", name]),
      ],
      { DEMEC_OWNER_KEY: this.#key(owner), DEMEC_OPERATOR_KEY: this.#key(operator) },
    );
    await process.next("nodeKey");
    return process;
  }

  #cli(args: readonly string[], env: Readonly<Record<string, string>>): JsonProcess {
    const { rpcUrl, deploymentFile, dht } = this.#network;
    return this.#spawn(CLI, [...args, "--json"], {
      DEMEC_RPC: rpcUrl,
      DEMEC_DEPLOYMENT: deploymentFile,
      DEMEC_DHT: dht,
      DEMEC_HOST: "127.0.0.1",
      DEMEC_DATA_DIR: join(this.#folder, "demec"),
      ...env,
    });
  }

  #spawn(path: string, args: readonly string[], env: Readonly<Record<string, string>>): JsonProcess {
    const process = new JsonProcess(path, args, { env });
    this.#running.push(process);
    return process;
  }

  async #passTime(until: bigint): Promise<void> {
    const test = createTestClient({ mode: "hardhat", transport: http(this.#network.rpcUrl) });
    await test.setNextBlockTimestamp({ timestamp: until });
    await test.mine({ blocks: 1 });
  }

  async #balances(): Promise<Map<string, bigint>> {
    const { deployment, mockUsd } = this.#network;
    const holders = [
      ...Object.entries(ROLES).map(([name, role]) => [name, this.#address(role)] as const),
      ["market (reserves and claims)", deployment.market] as const,
    ];
    const balance = (holder: `0x${string}`) =>
      readContract(this.#client, { address: mockUsd, abi: erc20Abi, functionName: "balanceOf", args: [holder] });
    return new Map(await Promise.all(holders.map(async ([name, holder]) => [name, await balance(holder)] as const)));
  }

  #check(what: string, holds: boolean, detail?: string): void {
    this.#checks.push({ what, holds, ...(detail === undefined ? {} : { detail }) });
  }

  readonly #key = (role: number) => this.#network.key(role);
  readonly #address = (role: number) => privateKeyToAddress(this.#key(role));
}

function describe(line: Record<string, unknown>): string {
  const prices = ["priceBefore", "priceAfter"].map((name) => line[name]).filter((price) => typeof price === "string");
  const text = prices.map((price) => `${formatUnits(BigInt(price), 24)} mUSD`).join(" → ");
  return text === "" ? String(line.note) : `${line.note}: ${text} a credit`;
}
