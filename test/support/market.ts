// A whole deployment on an in-process chain, with a publisher, providers and buyers, driven through @demec/chain.
import {
  approveExact,
  buyCredits,
  createService,
  type Deployment,
  enrol,
  makeOperatorConsent,
  openSession,
  registerProvider,
  type ServiceParams,
  stake,
  type WriteClient,
} from "@demec/chain";
import {
  type Address,
  type Hex,
  type Offer,
  type SessionState,
  type SignedState,
  signMessageOf,
} from "@demec/protocol";
import hre from "hardhat";
import { createPublicClient, createWalletClient, custom, erc20Abi, getAddress, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { writeContract } from "viem/actions";
import { type DeploymentParameters, deployDemec } from "../../scripts/deployDemec.ts";

export const CREDIT = 10n ** 18n;
export const USD = 10n ** 6n;
const MOCK_ABI = parseAbi(["function mint(address to, uint256 amount)"]);

/** A key of the test's own, by number. */
export const testKey = (n: number): Hex => `0x${n.toString(16).padStart(64, "d")}`;

export type TestChain = Awaited<ReturnType<typeof startChain>>;

/** @param chainId another chain than the usual one, with the same accounts and so with the same addresses */
export async function startChain(parameters: Partial<DeploymentParameters> = {}, chainId?: number) {
  const connection = await hre.network.connect({
    network: "node",
    ...(chainId !== undefined && { override: { chainId } }),
  });
  const deployment = (await deployDemec(connection, {
    parameters,
    mockUsd: true,
    confirmations: 1,
    ephemeral: true,
  })) as Deployment & {
    mockUsd: Address;
  };
  // Without retries: a refusal in the same process stays a refusal.
  const publicClient = createPublicClient({ transport: custom(connection.provider, { retryCount: 0 }) });
  const testClient = await connection.viem.getTestClient();
  const wallets = await connection.viem.getWalletClients();
  let next = 0;
  /** An account with coin for gas, test money and stake tokens. */
  async function account(): Promise<WriteClient & { account: { address: Address } }> {
    const wallet = wallets[++next]!;
    const client = createWalletClient({
      account: getAddress(wallet.account.address),
      chain: wallet.chain,
      transport: custom(connection.provider, { retryCount: 0 }),
    });
    await writeContract(wallets[0]!, {
      address: deployment.mockUsd,
      abi: MOCK_ABI,
      functionName: "mint",
      args: [client.account.address, 10_000_000n * USD],
    });
    await writeContract(wallets[0]!, {
      address: deployment.demecToken,
      abi: erc20Abi,
      functionName: "transfer",
      args: [client.account.address, 1_000_000n * CREDIT],
    });
    return client;
  }
  return {
    connection,
    deployment,
    publicClient,
    testClient,
    account,
    /** Lets time pass, and mines a block. */
    async passTime(seconds: number): Promise<void> {
      await testClient.increaseTime({ seconds });
      await testClient.mine({ blocks: 1 });
    },
    treasury: getAddress(wallets[0]!.account.address),
  };
}

/** From $0.01 to $0.10 a credit over a million credits. */
export const CURVE = {
  x1: 300_000n * CREDIT,
  x2: 700_000n * CREDIT,
  x3: 1_000_000n * CREDIT,
  y0: 10_000n * CREDIT,
  y1: 10_000n * CREDIT,
  y2: 100_000n * CREDIT,
  y3: 100_000n * CREDIT,
};

export function serviceParams(paymentToken: Address, changes: Partial<ServiceParams> = {}): ServiceParams {
  return {
    codeHash: `0x${"ab".repeat(32)}`,
    codeCore: `0x${"cd".repeat(32)}`,
    royaltyBps: 250,
    paymentToken,
    tariff: { a: 10n ** 12n, b: 2n * 10n ** 12n, c: 10n ** 14n, d: 0n, e: -(10n ** 10n), f: 0n },
    sla: { maxLatencyMs: 500, toleranceBps: 100, rebateBps: 5_000, bondPenaltyBps: 2_000 },
    challengePeriod: 3600,
    minBondPerCredit: CREDIT / 10n,
    meterVersion: 1,
    curve: CURVE,
    metadata: "test",
    ...changes,
  };
}

/** What buyers start with; test money. */
const PURSE = 1_000n * USD;

/**
 * A chain with a service, a provider that sells it (operator key 1), and a buyer who holds credits of it and has approved
 * its purse to the market.
 * @param credits that the buyer holds
 */
export async function startTrade({
  credits,
  service = {},
  parameters = {},
}: {
  readonly credits: bigint;
  readonly service?: Partial<ServiceParams>;
  readonly parameters?: Partial<DeploymentParameters>;
}) {
  const market = await startChain(parameters);
  const { deployment } = market;
  const { mockUsd, market: spender } = deployment;
  const [publisher, owner, buyer] = [await market.account(), await market.account(), await market.account()];
  const { serviceId } = await createService(publisher, deployment, serviceParams(mockUsd, service));
  await startProvider(market, owner, 1, [serviceId]);
  await approveExact(buyer, deployment, { token: mockUsd, spender, amount: PURSE });
  await buyCredits(buyer, deployment, { serviceId, credits, maxCost: PURSE });
  return { market, publisher, owner, buyer, serviceId };
}

/** Registers, stakes and enrols a provider whose operator key is `testKey(operator)`. */
export async function startProvider(
  { deployment }: TestChain,
  owner: WriteClient,
  operator: number,
  serviceIds: bigint[],
  amount = 10_000n * CREDIT,
): Promise<void> {
  await approveExact(owner, deployment, { token: deployment.demecToken, spender: deployment.staking, amount });
  await stake(owner, deployment, amount);
  const consent = await makeOperatorConsent(owner, deployment, {
    owner: owner.account.address,
    operatorPrivateKey: testKey(operator),
  });
  await registerProvider(owner, deployment, { ...consent, nodeKey: `0x${"11".repeat(32)}`, regions: ["eu-de-fra"] });
  for (const serviceId of serviceIds) await enrol(owner, deployment, serviceId);
}

export function makeOffer(serviceId: bigint, provider: Address, changes: Partial<Offer> = {}): Offer {
  return {
    serviceId,
    provider,
    buyer: `0x${"00".repeat(20)}`,
    minCredits: CREDIT,
    maxCredits: 1_000_000n * CREDIT,
    minValuePerCredit: 0n,
    bondPerCredit: CREDIT,
    demandMaxInputBytes: 0,
    demandWindow: 0,
    demandDeposit: 0n,
    expiry: 2n ** 40n,
    nonce: 1n,
    ...changes,
  };
}

export function escrowDomain(deployment: Deployment) {
  return { chainId: deployment.chainId, verifyingContract: deployment.escrow };
}

/** Opens a session under a fresh offer. */
export function open(
  { deployment }: TestChain,
  buyer: WriteClient,
  operator: number,
  offer: Offer,
  { credits = 100n * CREDIT, sessionKey = 7, minValue = 1n } = {},
) {
  return openSession(buyer, deployment, {
    offer,
    operatorSig: signMessageOf(testKey(operator), escrowDomain(deployment), "Offer", offer),
    credits,
    sessionKey: privateKeyToAccount(testKey(sessionKey)).address,
    minValue,
  });
}

/** A state of a session, signed by both. */
export function cosign(
  deployment: Deployment,
  operator: number,
  state: Partial<SessionState> & { sessionId: Hex },
  sessionKey = 7,
): SignedState {
  const full: SessionState = {
    seq: 1n,
    creditsUsed: 0n,
    invocations: 0n,
    breaches: 0n,
    receiptsRoot: `0x${"77".repeat(32)}`,
    isFinal: false,
    ...state,
  };
  const domain = escrowDomain(deployment);
  return {
    state: full,
    operatorSig: signMessageOf(testKey(operator), domain, "SessionState", full),
    sessionKeySig: signMessageOf(testKey(sessionKey), domain, "SessionState", full),
  };
}
