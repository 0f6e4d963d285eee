// When a session counts for its provider: as deep in the chain as the provider's policy asks, and only while it is there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { type Hex, signMessageOf } from "@demec/protocol";
import { privateKeyToAddress } from "viem/accounts";
import { admit } from "../../packages/provider/src/admission.ts";
import { CREDIT, escrowDomain, makeOffer, open, startTrade, type TestChain, testKey } from "../support/market.ts";
import { refused } from "../support/refused.ts";

const HANDSHAKE: Hex = `0x${"5a".repeat(32)}`;
let market: TestChain;
let owner: chain.WriteClient;
let buyer: chain.WriteClient;
let serviceId: bigint;
before(async () => {
  ({ market, owner, buyer, serviceId } = await startTrade({ credits: 1_000n * CREDIT }));
});
after(() => market.connection.close());

let nonce = 0n;
const openOne = () => open(market, buyer, 1, makeOffer(serviceId, owner.account.address, { nonce: nonce++ }));

const attach = (sessionId: Hex, confirmations: number) =>
  admit(
    {
      client: market.publicClient,
      deployment: market.deployment,
      owner: owner.account.address,
      operator: privateKeyToAddress(testKey(1)),
      confirmations,
    },
    {
      sessionId,
      signature: signMessageOf(testKey(7), escrowDomain(market.deployment), "ChannelAttachment", {
        sessionId,
        handshakeHash: HANDSHAKE,
      }),
    },
    HANDSHAKE,
  );

test("a session counts once its opening is as deep in the chain as the policy asks", async () => {
  const { sessionId, params } = await openOne();
  assert.deepEqual((await attach(sessionId, 0)).params, params);
  for (let depth = 0; depth < 3; depth++) {
    await refused("provider/session-too-shallow", `${depth} of 3`, attach(sessionId, 3));
    await market.testClient.mine({ blocks: 1 });
  }
  assert.deepEqual((await attach(sessionId, 3)).params, params);
});

test("a session that a reorganisation removed counts no more, and its credits and bond are where they were", async () => {
  const { deployment, publicClient, testClient } = market;
  const held = () =>
    Promise.all([
      chain.creditsOf(publicClient, deployment, { serviceId, account: buyer.account.address }),
      chain.getProvider(publicClient, deployment, owner.account.address),
    ]);
  const was = await held();
  const snapshot = await testClient.snapshot();
  const { sessionId } = await openOne();
  await attach(sessionId, 0);
  await testClient.revert({ id: snapshot });
  // The other branch is longer.
  await testClient.mine({ blocks: 2 });
  await refused("chain/unknown-session", sessionId, attach(sessionId, 0));
  assert.deepEqual(await held(), was);
});
