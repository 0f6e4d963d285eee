// Every fact that a gate may ask about, on a real chain, and their compositions.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Condition, chainOracle } from "@demec/access";
import type { WriteClient } from "@demec/chain";
import type { Address } from "@demec/protocol";
import { createPublicClient, http, parseAbi } from "viem";
import { writeContract } from "viem/actions";
import { CREDIT, makeOffer, open } from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";
import { startMembers } from "./stage.ts";

const MINT_ABI = parseAbi([
  "function mint(address to, uint256 id)",
  "function mint(address to, uint256 id, uint256 amount)",
  "function transferFrom(address from, address to, uint256 id)",
]);

let stage: Awaited<ReturnType<typeof startMembers>>;
before(async () => {
  stage = await startMembers();
});
after(() => stage.market.connection.close());

const holds = (condition: Condition, { account }: WriteClient) => {
  const { market, owner, serviceId } = stage;
  const situation = { account: account.address, serviceId, provider: owner.account.address };
  return chainOracle(market.publicClient, market.deployment)(condition, situation);
};
const deploy = async (name: string): Promise<Address> =>
  (await stage.market.connection.viem.deployContract(name)).address;
const atLeast = (amount: bigint) => ({ atLeast: amount });

test("credits of the gate's service, or of another", async () => {
  const { buyer, owner, otherServiceId: serviceId } = stage;
  assert.equal(await holds({ type: "credits", ...atLeast(10n * CREDIT) }, buyer), true);
  assert.equal(await holds({ type: "credits", ...atLeast(10n * CREDIT + 1n) }, buyer), false);
  assert.equal(await holds({ type: "credits", ...atLeast(1n) }, owner), false);
  assert.equal(await holds({ type: "credits", ...atLeast(1n), serviceId }, buyer), false);
});

test("stake, and balances of any ERC-20", async () => {
  const { buyer, owner, market } = stage;
  assert.equal(await holds({ type: "staked", ...atLeast(10_000n * CREDIT) }, owner), true);
  assert.equal(await holds({ type: "staked", ...atLeast(10_000n * CREDIT + 1n) }, owner), false);
  assert.equal(await holds({ type: "staked", ...atLeast(1n) }, buyer), false);
  const token = market.deployment.demecToken;
  assert.equal(await holds({ type: "erc20", token, ...atLeast(1_000_000n * CREDIT) }, buyer), true);
  assert.equal(await holds({ type: "erc20", token, ...atLeast(1_000_000n * CREDIT + 1n) }, buyer), false);
});

test("an ERC-721 collection, one piece of it, and what becomes of it when it moves", async () => {
  const { buyer, owner } = stage;
  const token = await deploy("Badges");
  const send = { address: token, abi: MINT_ABI, account: buyer.account, chain: null } as const;
  await writeContract(buyer, { ...send, functionName: "mint", args: [buyer.account.address, 5n] });
  assert.equal(await holds({ type: "erc721", token, ...atLeast(1n) }, buyer), true);
  assert.equal(await holds({ type: "erc721", token, ...atLeast(2n) }, buyer), false);
  assert.equal(await holds({ type: "erc721", token, id: 5n }, buyer), true);
  assert.equal(await holds({ type: "erc721", token, id: 6n }, buyer), false);
  const args = [buyer.account.address, owner.account.address, 5n] as const;
  await writeContract(buyer, { ...send, functionName: "transferFrom", args });
  assert.equal(await holds({ type: "erc721", token, id: 5n }, buyer), false);
  assert.equal(await holds({ type: "erc721", token, id: 5n }, owner), true);
});

test("an ERC-1155 token, a role, a list of accounts", async () => {
  const { buyer, member, stranger, condition } = stage;
  const token = await deploy("Passes");
  const args = [member.account.address, 3n, 7n] as const;
  const mint = { address: token, abi: MINT_ABI, account: buyer.account, chain: null } as const;
  await writeContract(buyer, { ...mint, functionName: "mint", args });
  assert.equal(await holds({ type: "erc1155", token, id: 3n, ...atLeast(7n) }, member), true);
  assert.equal(await holds({ type: "erc1155", token, id: 3n, ...atLeast(8n) }, member), false);
  assert.equal(await holds({ type: "erc1155", token, id: 4n, ...atLeast(1n) }, member), false);
  assert.equal(await holds(condition, member), true);
  assert.equal(await holds(condition, stranger), false);
  assert.equal(await holds({ ...condition, role: `0x${"3f".repeat(32)}` }, member), false);
  const list = { type: "account", in: [stranger.account.address] } as const;
  assert.equal(await holds(list, stranger), true);
  assert.equal(await holds(list, member), false);
});

test("an open session of the service with the provider", async () => {
  const { market, buyer, owner, serviceId } = stage;
  assert.equal(await holds({ type: "session" }, buyer), false);
  await open(market, buyer, 1, makeOffer(serviceId, owner.account.address), { credits: CREDIT });
  assert.equal(await holds({ type: "session" }, buyer), true);
  assert.equal(await holds({ type: "session" }, owner), false);
});

test("all, any, not, nested", async () => {
  const { member, stranger, condition } = stage;
  const rich = { type: "erc20", token: stage.market.deployment.demecToken, ...atLeast(1n) } as const;
  assert.equal(await holds({ type: "all", of: [condition, rich] }, member), false);
  assert.equal(await holds({ type: "any", of: [rich, condition] }, member), true);
  assert.equal(await holds({ type: "not", of: condition }, stranger), true);
  assert.equal(await holds({ type: "all", of: [condition, { type: "not", of: rich }] }, member), true);
  assert.equal(await holds({ type: "any", of: [rich, { type: "all", of: [condition, rich] }] }, member), false);
});

test("what a contract doesn't answer holds no more than its opposite; a chain that doesn't answer says nothing", async () => {
  const { market, member, owner, serviceId } = stage;
  const token = stage.stranger.account.address;
  assert.equal(await holds({ type: "erc20", token, ...atLeast(0n) }, member), false);
  const piece = { type: "erc721", token: await deploy("Badges"), id: 1n } as const;
  for (const untold of [{ type: "erc20", token, ...atLeast(0n) }, piece] as const) {
    assert.equal(await holds(untold, member), false);
    assert.equal(await holds({ type: "not", of: untold }, member), false);
  }
  const gone = createPublicClient({ transport: http("http://127.0.0.1:1", { retryCount: 0 }) });
  const situation = { account: member.account.address, serviceId, provider: owner.account.address };
  const asked = chainOracle(gone, market.deployment)({ type: "erc20", token, ...atLeast(0n) }, situation);
  await refusedWith("chain/rpc", asked);
});
