// Nodes that lie, in a process of their own between the chain and its reader: a plain client believes them, the light client
// refuses what they say and never gives anything false.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { createLightClient, type LightClient } from "@demec/chain/light";
import { type Hex, signMessageOf } from "@demec/protocol";
import { createPublicClient, createWalletClient, http, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { LightGuard } from "../../packages/sdk/src/lightGuard.ts";
import { JsonProcess } from "../../scripts/local/jsonProcess.ts";
import { type LocalNetwork, startLocalNetwork } from "../../scripts/local/localNetwork.ts";
import type { LieName } from "../support/lyingRpc.ts";
import { CREDIT, cosign, makeOffer, serviceParams, testKey } from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";

const STAKE = 5_000n * CREDIT;
const CODE_HASH = serviceParams(zeroAddress).codeHash;
const NODE_KEY: Hex = `0x${"11".repeat(32)}`;

let folder: string;
let network: LocalNetwork;
let fork: LocalNetwork;
let session: { readonly sessionId: Hex; readonly params: chain.SessionParams };
let liars: JsonProcess;
let liarsUrl: string;

/** Lies about what is read from contracts, and lies about blocks. */
const STATE_LIES: readonly LieName[] = ["stake", "nodeKey", "session", "service", "code", "absence", "oldState"];
const BLOCK_LIES: readonly LieName[] = ["blockHash", "header", "height", "otherChain"];

const walletOf = ({ rpcUrl, key }: LocalNetwork, index: number) =>
  createWalletClient({ transport: http(rpcUrl), account: privateKeyToAccount(key(index)) });
const ownerOf = () => privateKeyToAccount(network.key(1)).address;
const reader = (url: string) => createPublicClient({ transport: http(url) });

/** A provider with `stake` that sells a service, and a session with it that was settled: the same on every chain but for the stake. */
async function populate(on: LocalNetwork, stake: bigint) {
  const { deployment, mockUsd } = on;
  const [publisher, owner, buyer] = [walletOf(on, 0), walletOf(on, 1), walletOf(on, 2)];
  await on.fund(owner.account.address, { demec: stake });
  await on.fund(buyer.account.address, { usd: 1_000_000_000n });
  const { serviceId } = await chain.createService(publisher, deployment, serviceParams(mockUsd));
  await chain.approveExact(owner, deployment, {
    token: deployment.demecToken,
    spender: deployment.staking,
    amount: stake,
  });
  await chain.stake(owner, deployment, stake);
  const consent = { owner: owner.account.address, operatorPrivateKey: testKey(1) };
  const signed = await chain.makeOperatorConsent(owner, deployment, consent);
  await chain.registerProvider(owner, deployment, { ...signed, nodeKey: NODE_KEY, regions: ["eu-de-fra"] });
  await chain.enrol(owner, deployment, serviceId);
  await chain.approveExact(buyer, deployment, { token: mockUsd, spender: deployment.market, amount: 1_000_000_000n });
  await chain.buyCredits(buyer, deployment, { serviceId, credits: 100n * CREDIT, maxCost: 1_000_000_000n });
  const offer = makeOffer(serviceId, owner.account.address);
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
  const { sessionId, params } = await chain.openSession(buyer, deployment, {
    offer,
    operatorSig: signMessageOf(testKey(1), domain, "Offer", offer),
    credits: 10n * CREDIT,
    sessionKey: privateKeyToAccount(testKey(7)).address,
    minValue: 1n,
  });
  const final = cosign(deployment, 1, { sessionId, creditsUsed: CREDIT, invocations: 1n, isFinal: true });
  await chain.closeSession(buyer, deployment, { params, signed: final });
  return { sessionId, params };
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "demec-lies-"));
  network = await startLocalNetwork(folder);
  fork = await startLocalNetwork(folder, { bootstrap: network.bootstrap });
  [session] = await Promise.all([populate(network, STAKE), populate(fork, 3n * STAKE)]);
  liars = new JsonProcess("test/support/lyingRpc.ts", [network.rpcUrl, fork.rpcUrl]);
  liarsUrl = ((await liars.nextObject()) as { rpcUrl: string }).rpcUrl;
});
after(async () => {
  await liars.kill("SIGTERM");
  await network.stop();
  await fork.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Two that tell the same lie. */
const liarsOf = (lie: LieName) => [`${liarsUrl}/${lie}/0`, `${liarsUrl}/${lie}/1`] as const;
/** Honest nodes: one behind several names. */
const honest = (count: number) => Array.from({ length: count }, (_, i) => `${network.rpcUrl}/?node=${i}`);
const clientOf = (nodes: readonly string[], quorum: number) =>
  createLightClient({ nodes, quorum, deployment: network.deployment, depth: 0 });

async function assertTruth(light: LightClient): Promise<{ refused: readonly string[] }> {
  const provider = await light.provider(ownerOf());
  assert.deepEqual([provider.value.staked, provider.value.nodeKey, provider.value.active], [STAKE, NODE_KEY, true]);
  const proved = await light.session(session.sessionId, session.params);
  assert.equal(proved.value.status, "settled");
  const service = await light.service(1n);
  assert.equal(service.value.codeHash, CODE_HASH);
  return { refused: [...provider.refused, ...proved.refused, ...service.refused].map(({ rpc }) => rpc) };
}

/** What a client gets that believes a proof. Slot 0 of the registry counts services. */
async function proofFrom(url: string, contract: "registry" | "escrow") {
  const client = reader(url);
  const blockNumber = await client.getBlockNumber();
  return client.getProof({ address: network.deployment[contract], storageKeys: [`0x${"00".repeat(32)}`], blockNumber });
}

/** That a plain client gets something false. */
const FALSEHOODS: Record<LieName, (url: string) => Promise<void>> = {
  stake: async (url) => {
    assert.equal((await chain.getProvider(reader(url), network.deployment, ownerOf())).staked, 10n ** 30n);
  },
  otherChain: async (url) => {
    assert.equal((await chain.getProvider(reader(url), network.deployment, ownerOf())).staked, 3n * STAKE);
  },
  nodeKey: async (url) => {
    assert.notEqual((await chain.getProvider(reader(url), network.deployment, ownerOf())).nodeKey, NODE_KEY);
  },
  session: async (url) => {
    assert.equal((await chain.getSession(reader(url), network.deployment, session.sessionId)).status, "open");
  },
  service: async (url) => {
    assert.notEqual((await chain.getService(reader(url), network.deployment, 1n)).codeHash, CODE_HASH);
  },
  code: async (url) => {
    assert.equal(await reader(url).getCode({ address: network.deployment.staking }), "0x00");
  },
  absence: async (url) => {
    assert.equal((await proofFrom(url, "registry")).storageProof[0]!.value, 0n);
  },
  oldState: async (url) => {
    assert.notEqual(
      (await proofFrom(url, "escrow")).storageHash,
      (await proofFrom(network.rpcUrl, "escrow")).storageHash,
    );
  },
  blockHash: async (url) => {
    assert.notEqual((await reader(url).getBlock()).hash, (await reader(network.rpcUrl).getBlock()).hash);
  },
  header: async (url) => {
    const [told, true_] = [await reader(url).getBlock(), await reader(network.rpcUrl).getBlock()];
    assert.equal(told.hash, true_.hash);
    assert.notEqual(told.stateRoot, true_.stateRoot);
  },
  height: async (url) => {
    assert.equal(await reader(url).getBlockNumber(), 2n ** 40n);
  },
};

for (const lie of [...STATE_LIES, ...BLOCK_LIES]) {
  test(`one of three nodes that lies about ${lie} is believed by a plain client, named and passed over by the light one`, async () => {
    const [liar] = liarsOf(lie);
    await FALSEHOODS[lie](liar);
    const { refused } = await assertTruth(clientOf([liar, ...honest(2)], 2));
    // A false height alone contradicts nothing: it only leaves the liar without the block that is asked for.
    assert.ok(lie === "height" || refused.some((rpc) => rpc.endsWith("(node 1)")), `${lie} was not noticed`);
  });
}

for (const lie of STATE_LIES) {
  test(`where every node lies about ${lie}, the light client gives nothing`, async () => {
    const light = clientOf(liarsOf(lie), 2);
    const { sessionId, params } = session;
    const work =
      lie === "session"
        ? light.session(sessionId, params)
        : lie === "service"
          ? light.service(1n)
          : light.provider(ownerOf());
    await refusedWith("light/bad-proof", work);
  });
}

for (const lie of BLOCK_LIES.filter((lie) => lie !== "height")) {
  test(`with all but one of a quorum lying about ${lie}, the light client gives nothing where too few others are left`, async () => {
    const light = clientOf([...liarsOf(lie), ...honest(2)], 3);
    await refusedWith("light/no-quorum", light.provider(ownerOf()));
    await assertTruth(clientOf([...liarsOf(lie), ...honest(3)], 3));
  });
}

test("a whole quorum of liars with a chain of their own is believed: so many honest nodes is all that is asked", async () => {
  const light = clientOf([...liarsOf("otherChain"), ...honest(1)], 2);
  assert.equal((await light.provider(ownerOf())).value.staked, 3n * STAKE);
});

test("a session that is over is not taken up again, whatever the node says", async () => {
  const client = reader(liarsOf("session")[0]);
  const { deployment } = network;
  const { sessionId } = session;
  const told = await chain.getSession(client, deployment, sessionId);
  assert.equal(told.status, "open");
  const guard = new LightGuard({ client, deployment, light: clientOf([...honest(2)], 2) });
  await refusedWith("light/false-session", guard.session(told, new AbortController().signal));
});
