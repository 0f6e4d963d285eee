// The operators' commands as programs, against a development chain in a process of its own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import * as chain from "@demec/chain";
import hre from "hardhat";
import { bytesToHex, createTestClient, createWalletClient, erc20Abi, http, publicActions } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { hardhat } from "viem/chains";
import { CHAIN_NAMES } from "../../scripts/chains.ts";
import { parseTarget } from "../../scripts/connect.ts";
import { JsonProcess } from "../../scripts/local/jsonProcess.ts";
import { COMMANDS, type Options } from "../../scripts/operator/commands.ts";
import { CREDIT, serviceParams, testKey } from "../support/market.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

let node: JsonProcess;
let folder: string;
let rpc: string;
let file: string;
let deployment: chain.Deployment;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "demec-operator-"));
  node = new JsonProcess("scripts/local/chain.ts");
  rpc = await node.next<string>("rpcUrl");
  file = join(folder, "deployment.json");
  await script("scripts/deploy.ts", "--rpc", rpc, "--mock-usd", "--out", file);
  deployment = chain.parseDeployment(await readFile(file, "utf8"));
});
after(async () => {
  await node.kill("SIGTERM");
  await rm(folder, { recursive: true });
});

const script = async (...args: string[]) => (await run(process.execPath, args, { cwd: ROOT })).stdout;
const operator = (...args: string[]) => script("scripts/operator.ts", ...args, "--rpc", rpc, "--deployment", file);

test("an operator funds, stakes, enrols, unstakes, waits and withdraws, each with one command", async () => {
  const test = createTestClient({ mode: "hardhat", transport: http(rpc) }).extend(publicActions);
  const [, owner] = (await test.request({ method: "eth_accounts" } as never)) as `0x${string}`[];
  const client = createWalletClient({ account: owner!, chain: hardhat, transport: http(rpc) }) as chain.WriteClient;
  const { serviceId } = await chain.createService(
    client,
    deployment,
    serviceParams(JSON.parse(await readFile(file, "utf8")).mockUsd),
  );
  const balance = () =>
    test.readContract({ address: deployment.demecToken, abi: erc20Abi, functionName: "balanceOf", args: [owner!] });

  assert.match(await operator("fund", "--to", owner!, "--amount", "2000.5"), /Sent 2000\.5 DEMEC/);
  const coin = await test.getBalance({ address: owner! });
  await operator("fund", "--to", owner!, "--coin", "1");
  assert.equal(await test.getBalance({ address: owner! }), coin + 10n ** 18n);
  assert.match(await operator("stake", "--amount", "2000", "--from", owner!), /Staked 2000 DEMEC/);
  assert.equal(await balance(), CREDIT / 2n);

  const consent = await chain.makeOperatorConsent(client, deployment, {
    owner: owner!,
    operatorPrivateKey: testKey(1),
  });
  await chain.registerProvider(client, deployment, { ...consent, nodeKey: `0x${"11".repeat(32)}`, regions: [] });
  await operator("enrol", "--service", String(serviceId), "--from", owner!);
  assert.deepEqual(
    (await chain.listEnrolledProviders(client, deployment, serviceId)).map((provider) => provider.toLowerCase()),
    [owner!.toLowerCase()],
  );

  assert.match(await operator("unstake", "--amount", "1500", "--from", owner!), /1500 DEMEC unbond until 20/);
  await assert.rejects(operator("withdraw", "--from", owner!), /chain\//);
  await test.increaseTime({ seconds: 8 * 24 * 3600 });
  await test.mine({ blocks: 1 });
  assert.match(await operator("withdraw", "--from", owner!), /Withdrew 1500 DEMEC/);
  assert.equal(await balance(), 1500n * CREDIT + CREDIT / 2n);
});

test("a command says what is wrong with which option, and sends nothing", async () => {
  const client = createWalletClient({
    account: `0x${"22".repeat(20)}`,
    chain: hardhat,
    transport: http(rpc),
  }) as chain.WriteClient;
  const refused: [string, Options, RegExp][] = [
    ["stake", { amount: "1e3" }, /--amount is "1e3", not an amount/],
    ["stake", { amount: "0" }, /--amount is 0/],
    ["stake", {}, /--amount is missing/],
    ["fund", { to: "0x12", amount: "1" }, /--to is "0x12", not an address/],
    ["fund", { to: client.account.address }, /Exactly one of --amount and --coin/],
    ["enrol", { service: "one" }, /--service is "one", not a number/],
    ["unstake", { amount: "1" }, /\[chain\//],
    ["withdraw", {}, /\[chain\//],
  ];
  for (const [name, options, message] of refused) {
    await assert.rejects(COMMANDS[name]!.run(client, deployment, options), { message });
  }
  const from = `0x${"11".repeat(20)}`;
  const foreign = operator("stake", "--amount", "1", "--from", from);
  await assert.rejects(foreign, ({ stderr }: { stderr: string }) => /no account 0x1111/.test(stderr));
  assert.throws(() => parseTarget({ network: "mainnet" }), /No network mainnet. Networks: ethereumSepolia/);
  assert.throws(() => parseTarget({ network: "polygonAmoy", rpc }), /Both --network polygonAmoy and --rpc/);
  assert.throws(() => parseTarget({}), /Neither --network NAME nor --rpc URL/);
});

test("the keys and end points of live chains are configuration variables, which Hardhat's keystore holds", () => {
  const variable = (value: unknown) => (value as { _type?: string })._type === "ResolvedConfigurationVariable";
  for (const name of CHAIN_NAMES) {
    const network = hre.config.networks[name];
    assert.ok(network?.type === "http" && variable(network.url));
    assert.ok(Array.isArray(network.accounts) && network.accounts.length === 1 && network.accounts.every(variable));
  }
  assert.ok(variable(hre.config.verify.etherscan.apiKey));
});

test("the deploy program signs with a configured key, for a chain by name, on a node with its id and machine", async () => {
  const telos = new JsonProcess("scripts/local/chain.ts", ["--as", "telosTestnet"]);
  const TELOS_TESTNET_RPC_URL = await telos.next<string>("rpcUrl");
  // A key that is rich on development chains only; in earnest it is in the keystore.
  const development = mnemonicToAccount("test test test test test test test test test test test junk");
  const TELOS_TESTNET_DEPLOYER_KEY = bytesToHex(development.getHdKey().privateKey!);
  const out = join(folder, "telos.json");
  try {
    const args = ["scripts/deploy.ts", "--network", "telosTestnet", "--out", out];
    const env = { ...process.env, TELOS_TESTNET_RPC_URL, TELOS_TESTNET_DEPLOYER_KEY };
    const { stderr } = await run(process.execPath, args, { cwd: ROOT, env });
    const { deploymentId } = JSON.parse(await readFile(out, "utf8"));
    await rm(join(ROOT, "scripts/ignition/deployments", deploymentId), { recursive: true });
    assert.match(stderr, new RegExp(`hardhat ignition verify ${deploymentId} --network telosTestnet`));
    const deployed = chain.parseDeployment(await readFile(out, "utf8"));
    assert.equal(deployed.chainId, 41);
    const client = createTestClient({ mode: "hardhat", transport: http(TELOS_TESTNET_RPC_URL) }).extend(publicActions);
    assert.notEqual(await client.getCode({ address: deployed.escrow }), undefined);
  } finally {
    await telos.kill("SIGTERM");
  }
});
