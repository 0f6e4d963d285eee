// Wallets that are contracts enter by what their contract says: deployed (ERC-1271) and not yet (ERC-6492).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { AccountGate, formatDid, MemoryAccessStore, parseGatePolicy, prove, signGrant } from "@demec/access";
import type { WriteClient } from "@demec/chain";
import { formatServiceName, type Hex } from "@demec/protocol";
import { decodeJwt } from "jose";
import { concatHex, createWalletClient, custom, encodeDeployData, getContractAddress, parseAbi } from "viem";
import { privateKeyToAccount, toAccount } from "viem/accounts";
import { getCode, sendTransaction, waitForTransactionReceipt } from "viem/actions";
import { serializeErc6492Signature } from "viem/utils";
import { testKey } from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";
import { NODE_SEED, startMembers } from "./stage.ts";

const WALLET = "../../artifacts/contracts/test/BuyWith.t.sol/Wallet.json";
const { bytecode } = JSON.parse(readFileSync(new URL(WALLET, import.meta.url), "utf8")) as { bytecode: Hex };
/** The deterministic deployment proxy, as it is on nearly every chain: salt and creation code in, CREATE2 out. */
const FACTORY = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const FACTORY_CODE =
  "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";
const SALT: Hex = `0x${"07".repeat(32)}`;
const key = privateKeyToAccount(testKey(7));

let stage: Awaited<ReturnType<typeof startMembers>>;
let gate: AccountGate;
before(async () => {
  stage = await startMembers();
  const { market, owner, serviceId } = stage;
  const { deployment, publicClient: client } = market;
  await market.testClient.setCode({ address: FACTORY, bytecode: FACTORY_CODE });
  const provider = owner.account.address;
  const policy = { ...parseGatePolicy({}), condition: { type: "account", in: [walletAddress()] } as const };
  gate = new AccountGate({
    ...{ client, deployment, provider, serviceId, policy },
    ...{ nodeSeed: NODE_SEED, store: new MemoryAccessStore() },
  });
});
after(() => stage.market.connection.close());

const creation = encodeDeployData({ abi: parseAbi(["constructor(address owner)"]), bytecode, args: [key.address] });
const walletAddress = () => getContractAddress({ opcode: "CREATE2", from: FACTORY, salt: SALT, bytecode: creation });
const factoryData = concatHex([SALT, creation]);

/** Signs in the contract's name. @param wrap what becomes of the owner's signature */
function contractWallet(owner = key, wrap: (signature: Hex) => Hex = (signature) => signature): WriteClient {
  const account = toAccount({
    address: walletAddress(),
    signMessage: async (message) => wrap(await owner.signMessage(message)),
    signTypedData: async (data) => wrap(await owner.signTypedData(data)),
    signTransaction: () => Promise.reject(new Error("It signs no transactions.")),
  });
  return createWalletClient({ account, transport: custom(stage.market.connection.provider, { retryCount: 0 }) });
}

const undeployed = (signature: Hex) => serializeErc6492Signature({ address: FACTORY, data: factoryData, signature });

async function enter(wallet: WriteClient, method: "siwe" | "eip712") {
  const { market, owner, serviceId } = stage;
  const audience = formatServiceName({ ...market.deployment, serviceId });
  const challenge = await gate.challenge(wallet.account.address);
  const provider = owner.account.address;
  return gate.enter(await prove({ wallet, market: market.deployment, challenge, audience, provider, method }));
}

test("a wallet that is not deployed yet enters by its factory (ERC-6492), and nothing is deployed by that", async () => {
  for (const method of ["siwe", "eip712"] as const) {
    const { token, claims } = await enter(contractWallet(key, undeployed), method);
    assert.equal(claims.subject, walletAddress());
    assert.equal(decodeJwt(token).sub, formatDid(31337, walletAddress()));
    await refusedWith("access/bad-proof", enter(contractWallet(), method));
    const thief = privateKeyToAccount(testKey(8));
    await refusedWith("access/bad-proof", enter(contractWallet(thief, undeployed), method));
  }
  assert.equal(await getCode(stage.market.publicClient, { address: walletAddress() }), undefined);
});

test("a wallet that is a contract enters by what it says is its signature (ERC-1271), and grants too", async () => {
  const { market, stranger, buyer } = stage;
  const hash = await sendTransaction(buyer, { account: buyer.account, chain: null, to: FACTORY, data: factoryData });
  await waitForTransactionReceipt(market.publicClient, { hash });
  for (const method of ["siwe", "eip712"] as const) {
    assert.equal((await enter(contractWallet(), method)).claims.subject, walletAddress());
    // What was signed before it was deployed counts on.
    await enter(contractWallet(key, undeployed), method);
    await refusedWith("access/bad-proof", enter(contractWallet(privateKeyToAccount(testKey(8))), method));
  }
  const { owner, serviceId } = stage;
  const { deployment, publicClient: client } = market;
  const provider = owner.account.address;
  const shared = new AccountGate({
    ...{ client, deployment, provider, serviceId, nodeSeed: NODE_SEED, store: new MemoryAccessStore() },
    policy: { ...parseGatePolicy({}), grantors: [walletAddress()] },
  });
  const expiry = Math.floor(Date.now() / 1000) + 100;
  const grant = await signGrant(contractWallet(), deployment, { subject: stranger.account.address, expiry });
  const audience = formatServiceName({ ...deployment, serviceId });
  const challenge = await shared.challenge(stranger.account.address);
  const asked = { wallet: stranger, market: deployment, challenge, audience, provider, grants: [grant] };
  assert.equal((await shared.enter(await prove(asked))).claims.grants.length, 1);
});
