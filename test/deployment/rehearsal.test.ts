// The deployment to each chain, rehearsed in process: its chain id, its parameters, its bytecode, and a machine as old as its own.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as chain from "@demec/chain";
import { areaAt, type Offer, signMessageOf } from "@demec/protocol";
import { parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { getChainId, writeContract } from "viem/actions";
import { CHAIN_NAMES, CHAINS, type ChainName } from "../../scripts/chains.ts";
import { type Connection, type Deployed, deployDemec } from "../../scripts/deployDemec.ts";
import { walletOf } from "../../scripts/operator/wallet.ts";
import { runtimeOf } from "../../scripts/profileRuntime.ts";
import { CREDIT, CURVE, cosign, escrowDomain, makeOffer, serviceParams, testKey } from "../support/market.ts";

const PARAMETERS = new URL("../../scripts/ignition/parameters/", import.meta.url);
const MINT = parseAbi(["function mint(address to, uint256 amount)"]);

test("every chain has parameters, and nothing else has", () => {
  assert.deepEqual(readdirSync(PARAMETERS).sort(), CHAIN_NAMES.map((name) => `${name}.json`).sort());
});

for (const name of CHAIN_NAMES) {
  test(`${CHAINS[name].title}: deployed, a session is bought, opened, settled and paid on a machine without what it lacks`, async () => {
    const connection = await rehearsalChain(name);
    try {
      const deployment = await deployDemec(connection, {
        parameters: JSON.parse(readFileSync(new URL(`${name}.json`, PARAMETERS), "utf8")),
        mockUsd: true,
        confirmations: 1,
        ephemeral: true,
      });
      assert.equal(deployment.chainId, CHAINS[name].chainId);
      await playSession(connection, deployment);
    } finally {
      await connection.close();
    }
  });
}

test("a machine of London refuses the bytecode of the default profile, so that a rehearsal can fail", async () => {
  const runtime = await runtimeOf("default");
  const connection = await runtime.network.connect({ network: "node", override: { hardfork: "london" } });
  try {
    await assert.rejects(
      deployDemec(connection as Connection, { confirmations: 1, ephemeral: true }),
      /DemecToken.*Simulating the transaction failed/,
    );
  } finally {
    await connection.close();
  }
});

async function rehearsalChain(name: ChainName): Promise<Connection> {
  const { chainId, hardfork, buildProfile } = CHAINS[name];
  const runtime = await runtimeOf(buildProfile);
  return (await runtime.network.connect({ network: "node", override: { chainId, hardfork } })) as Connection;
}

/** One account is publisher, provider and buyer: this is about the machine, not about the people. */
async function playSession(connection: Connection, deployment: Deployed): Promise<void> {
  const client = await walletOf(connection);
  const me = client.account.address;
  assert.equal(await getChainId(client), deployment.chainId);
  const mockUsd = deployment.mockUsd!;
  await writeContract(client, {
    chain: null,
    address: mockUsd,
    abi: MINT,
    functionName: "mint",
    args: [me, 10n ** 12n],
  });
  const { serviceId } = await chain.createService(client, deployment, serviceParams(mockUsd));

  const { demecToken, staking, market } = deployment;
  const amount = 2_000n * CREDIT;
  await chain.approveExact(client, deployment, { token: demecToken, spender: staking, amount });
  await chain.stake(client, deployment, amount);
  const consent = await chain.makeOperatorConsent(client, deployment, { owner: me, operatorPrivateKey: testKey(1) });
  await chain.registerProvider(client, deployment, { ...consent, nodeKey: `0x${"11".repeat(32)}`, regions: ["eu"] });
  await chain.enrol(client, deployment, serviceId);

  await chain.approveExact(client, deployment, { token: mockUsd, spender: market, amount: 10n ** 12n });
  await chain.buyCredits(client, deployment, { serviceId, credits: 500n * CREDIT, maxCost: 10n ** 12n });
  const offer: Offer = makeOffer(serviceId, me);
  const { sessionId, params } = await chain.openSession(client, deployment, {
    offer,
    operatorSig: signMessageOf(testKey(1), escrowDomain(deployment), "Offer", offer),
    credits: 100n * CREDIT,
    sessionKey: privateKeyToAccount(testKey(7)).address,
    minValue: 1n,
  });
  const signed = cosign(deployment, 1, { sessionId, creditsUsed: 40n * CREDIT, invocations: 10n, isFinal: true });
  const settled = await chain.closeSession(client, deployment, { params, signed });
  assert.equal(settled.providerAmount + settled.buyerAmount, params.value);
  await chain.sellCredits(client, deployment, { serviceId, credits: 400n * CREDIT, minProceeds: 1n });
  await chain.withdrawClaim(client, deployment, { token: mockUsd });
  assert.equal(await chain.reserveOf(client, deployment, serviceId), areaAt(CURVE, 0n));
}
