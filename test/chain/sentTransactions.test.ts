// What becomes of a transaction that was sent: mined at once, or at a higher fee; given up by its sender; or lost.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { approveExact, awaitTransaction, type ReadClient, type WriteClient } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { createClient, custom } from "viem";
import { sendTransaction } from "viem/actions";
import { startChain, type TestChain } from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";

const GWEI = 10n ** 9n;
const FAST = { pollMs: 20 } as const;
let market: TestChain;
let sender: WriteClient;
let client: ReadClient;
before(async () => {
  market = await startChain();
  sender = await market.account();
  client = createClient({ transport: custom(market.connection.provider) });
  await market.testClient.setAutomine(false);
});
beforeEach(() => market.testClient.mine({ blocks: 1 }));
after(() => market.connection.close());

/** Sends nothing to somebody, at a fee. */
async function send(nonce: number, fee: bigint, to = 1n): Promise<Hex> {
  const fees = { maxFeePerGas: fee, maxPriorityFeePerGas: fee };
  return sendTransaction(sender, {
    to: market.deployment.mockUsd,
    value: 0n,
    data: transferOf(to),
    nonce,
    chain: null,
    ...fees,
  });
}
/** No test money: what is sent differs by whom it is for. */
const transferOf = (to: bigint): Hex => `0xa9059cbb${to.toString(16).padStart(64, "0")}${"0".repeat(64)}`;
/** Whoever waits has looked at the transaction: what replaces it is known by what it was. */
const seen = () => new Promise((resolve) => setTimeout(resolve, 300));
const nextNonce = () => market.publicClient.getTransactionCount({ address: sender.account.address });

test("a transaction whose fee its sender raises is waited for under its new hash", async () => {
  const nonce = await nextNonce();
  const hash = await send(nonce, 10n * GWEI);
  const waiting = awaitTransaction(client, hash, FAST);
  await seen();
  const raised = await send(nonce, 20n * GWEI);
  await market.testClient.mine({ blocks: 1 });
  assert.equal((await waiting).transactionHash, raised);
});

test("one that its sender replaces by another is told as replaced, by the actions too", async () => {
  const nonce = await nextNonce();
  const hash = await send(nonce, 10n * GWEI);
  const waiting = refusedWith("chain/transaction-replaced", awaitTransaction(client, hash, FAST));
  await seen();
  await send(nonce, 20n * GWEI, 2n);
  await market.testClient.mine({ blocks: 1 });
  await waiting;

  const { mockUsd: token, market: spender } = market.deployment;
  const allowing = refusedWith(
    "chain/transaction-replaced",
    approveExact(sender, market.deployment, { token, spender, amount: 1n }),
  );
  await until(
    "it is sent",
    async () =>
      (await market.publicClient.getTransactionCount({ address: sender.account.address, blockTag: "pending" })) >
      nonce + 1,
  );
  await seen();
  await send(nonce + 1, 1_000n * GWEI);
  await market.testClient.mine({ blocks: 1 });
  await allowing;
});

test("one that nobody mines is told as overdue, and can be waited for again", async () => {
  const hash = await send(await nextNonce(), 10n * GWEI);
  await refusedWith("chain/transaction-overdue", awaitTransaction(client, hash, { ...FAST, timeoutMs: 300 }));
  await market.testClient.mine({ blocks: 1 });
  assert.equal((await awaitTransaction(client, hash, FAST)).status, "success");

  const dropped = await send(await nextNonce(), 10n * GWEI);
  await market.testClient.dropTransaction({ hash: dropped });
  await market.testClient.mine({ blocks: 1 });
  const gone = awaitTransaction(client, dropped, { ...FAST, timeoutMs: 300 });
  await refusedWith("chain/transaction-overdue", gone);
});
