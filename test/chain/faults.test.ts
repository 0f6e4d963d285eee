import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import {
  contradictionOf,
  DEMAND_REFUSAL,
  type DemandAnswer,
  determinedOf,
  type ExecutionRequest,
  executionHash,
  makeFiles,
  outputHash,
  type Receipt,
  ReceiptTree,
  receiptLeaf,
  STATUS,
  signMessageOf,
  testimonyOfAnswer,
  testimonyOfReceipt,
} from "@demec/protocol";
import fc from "fast-check";
import { bytesToHex, hexToBytes } from "viem";
import {
  CREDIT,
  cosign,
  escrowDomain,
  makeOffer,
  open,
  startTrade,
  type TestChain,
  testKey,
} from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";

const DEPOSIT = 100_001n;
const DEMANDABLE = { demandMaxInputBytes: 4096, demandWindow: 600, demandDeposit: DEPOSIT };
const MODULE = `0x${"ab".repeat(32)}` as const;

let market: TestChain;
let owner: chain.WriteClient;
let buyer: chain.WriteClient;
let reporter: chain.WriteClient;
let serviceId: bigint;
let nonce = 0n;
before(async () => {
  ({ market, owner, buyer, serviceId } = await startTrade({ credits: 5_000n * CREDIT, service: { codeHash: MODULE } }));
  reporter = await market.account();
});
after(() => market.connection.close());

const openOne = () =>
  open(market, buyer, 1, makeOffer(serviceId, owner.account.address, { nonce: nonce++, ...DEMANDABLE }), {
    credits: 10n * CREDIT,
  });
const claimOf = (client: chain.WriteClient) =>
  chain.claimOf(market.publicClient, market.deployment, {
    token: market.deployment.mockUsd,
    account: client.account!.address,
  });

const request: ExecutionRequest = {
  shape: "command",
  input: new TextEncoder().encode("put on chain"),
  args: ["--help", "ünïcode"],
  env: [["HOME", "/"]],
  files: [],
  envSalt: new Uint8Array(32).fill(7),
  clockNs: 12n,
  seed: new Uint8Array(32).fill(9),
  limits: { bitOps: 10n ** 9n, floatOps: 5n, memoryPages: 16, outputBytes: 1024 },
};
const outcome = { exitCode: 3, output: new TextEncoder().encode("answer"), stderr: Uint8Array.of(1, 2) };

function answerTo(demanded: { demandId: DemandAnswer["demandId"]; executionHash: DemandAnswer["executionHash"] }) {
  const answer: DemandAnswer = {
    demandId: demanded.demandId,
    executionHash: demanded.executionHash,
    outputHash: bytesToHex(outputHash(outcome)),
    status: STATUS.exitCode,
    bitOps: 77n,
    floatOps: 0n,
  };
  return {
    answer,
    operatorSig: signMessageOf(testKey(1), escrowDomain(market.deployment), "DemandAnswer", answer),
    outcome,
  };
}

test("a demand names the execution that both ends would hash, and an answer with its output ends it", async () => {
  const { deployment, publicClient } = market;
  const { params, sessionId } = await openOne();
  const demanded = await chain.demand(buyer, deployment, { params, newest: null, request });
  assert.equal(demanded.executionHash, bytesToHex(executionHash(hexToBytes(MODULE), request)));
  const [waiting] = await chain.listOpenDemands(publicClient, deployment, { provider: owner.account!.address });
  assert.deepEqual([waiting!.demandId, waiting!.request], [demanded.demandId, request]);
  assert.equal((await chain.getDemand(publicClient, deployment, sessionId))?.nonce, demanded.nonce);
  await refusedWith("chain/demanded", chain.demand(buyer, deployment, { params, newest: null, request }));

  const before = await claimOf(owner);
  const answer = answerTo(demanded);
  const forged = { params, ...answer, operatorSig: answer.operatorSig.replace("1", "2") as `0x${string}` };
  await refusedWith("chain/foreign-signer", chain.answerDemand(reporter, deployment, forged));
  const altered = { ...outcome, exitCode: 4 };
  await refusedWith(
    "chain/bad-answer",
    chain.answerDemand(reporter, deployment, { params, ...answer, outcome: altered }),
  );
  await chain.answerDemand(reporter, deployment, { params, ...answer });
  assert.equal(await claimOf(owner), before + DEPOSIT);
  assert.equal(await chain.getDemand(publicClient, deployment, sessionId), null);
  assert.deepEqual(await chain.listOpenDemands(publicClient, deployment, { provider: owner.account!.address }), []);
  await refusedWith("chain/not-demanded", chain.answerDemand(owner, deployment, { params, ...answer }));
});

test("a refusal splits the deposit, the provider's half rounded up", async () => {
  const { deployment } = market;
  const { params } = await openOne();
  const { demandId } = await chain.demand(buyer, deployment, { params, newest: null, request });
  const [provider, mine] = [await claimOf(owner), await claimOf(buyer)];
  const refusal = { demandId, reason: DEMAND_REFUSAL.tooExpensive };
  const operatorSig = signMessageOf(testKey(1), escrowDomain(deployment), "DemandRefusal", refusal);
  await chain.refuseDemand(owner, deployment, { params, refusal, operatorSig });
  assert.equal(await claimOf(owner), provider + DEPOSIT / 2n + 1n);
  assert.equal(await claimOf(buyer), mine + DEPOSIT / 2n);
});

test("an unanswered demand closes the session, slashes its bond and refunds what was not worked for", async () => {
  const { deployment, publicClient } = market;
  const { params, sessionId } = await openOne();
  const signed = cosign(deployment, 1, { sessionId, creditsUsed: 4n * CREDIT, invocations: 10n });
  const { amount: collected } = await chain.collect(owner, deployment, { params, signed });
  await refusedWith("chain/stale-state", chain.demand(buyer, deployment, { params, newest: null, request }));
  const newest = await chain.getNewestState(publicClient, deployment, sessionId);
  await chain.demand(buyer, deployment, { params, newest, request });
  await refusedWith("chain/too-early", chain.expireDemand(reporter, deployment, { params }));
  await market.passTime(600);
  const before = await claimOf(buyer);
  const { slashed } = await chain.expireDemand(reporter, deployment, { params });
  assert.equal(slashed, params.bond);
  assert.equal(await claimOf(buyer), before + DEPOSIT);
  assert.equal((await chain.getSession(publicClient, deployment, sessionId)).status, "closing");
  await market.passTime(3600);
  const settled = await chain.finishClosing(reporter, deployment, { params, state: newest });
  assert.equal(settled.providerAmount, (params.value * 4n) / 10n);
  assert.ok(collected <= settled.providerAmount);
});

test("what can't be demanded is refused with the reason", async () => {
  const { deployment } = market;
  const { params } = await openOne();
  const large = { ...request, input: new Uint8Array(5000) };
  await refusedWith("chain/demand-refused", chain.demand(buyer, deployment, { params, newest: null, request: large }));
  await refusedWith("chain/forbidden", chain.demand(owner, deployment, { params, newest: null, request }));
  const files = makeFiles({ "data.csv": Uint8Array.of(1) });
  const withFiles = chain.demand(buyer, deployment, { params, newest: null, request: { ...request, files } });
  await refusedWith("chain/demand-with-files", withFiles);
  const plain = await open(market, buyer, 1, makeOffer(serviceId, owner.account!.address, { nonce: nonce++ }));
  const call = chain.demand(buyer, deployment, { params: plain.params, newest: null, request });
  await refusedWith("chain/demand-refused", call);
});

/** A session's receipts under a state, the way the session engine makes them. */
function receiptsOf(sessionId: `0x${string}`, receipts: Receipt[]) {
  const tree = new ReceiptTree(receipts.map(receiptLeaf));
  const signed = cosign(market.deployment, 1, {
    sessionId,
    creditsUsed: CREDIT,
    invocations: BigInt(receipts.length),
    receiptsRoot: bytesToHex(tree.root()),
  });
  return receipts.map((receipt, leafIndex) => ({
    receipt,
    leafIndex,
    path: tree.prove(leafIndex),
    size: tree.size,
    state: { ...signed, sessionKeySig: null },
  }));
}
const receipt = (changes: Partial<Receipt> = {}): Receipt => ({
  executionHash: executionHash(hexToBytes(MODULE), request),
  outputHash: outputHash(outcome),
  status: STATUS.exitCode,
  breached: false,
  usage: { bitOps: 77n, floatOps: 0n, bytes: 30n, durationMs: 3, latencyMs: 4, pingMs: 1 },
  ...changes,
});
const unrelated = (n: number) => receipt({ executionHash: new Uint8Array(32).fill(n) });

test("receipts of two sessions that contradict each other cost both bonds once the grace is over", async () => {
  const { deployment, publicClient } = market;
  const [one, two] = [await openOne(), await openOne()];
  const first = receiptsOf(one.sessionId, [unrelated(1), receipt(), unrelated(2), unrelated(3), unrelated(4)]);
  const lie = receipt({ outputHash: new Uint8Array(32).fill(1) });
  const second = receiptsOf(two.sessionId, [unrelated(5), unrelated(6), lie]);
  assert.equal(contradictionOf(determinedOf(first[1]!.receipt), determinedOf(lie)), "outputHash");
  const evidence = {
    first: { params: one.params, testimony: testimonyOfReceipt(first[1]!) },
    second: { params: two.params, testimony: testimonyOfReceipt(second[2]!) },
  };
  const honest = { params: two.params, testimony: testimonyOfReceipt(receiptsOf(two.sessionId, [receipt()])[0]!) };
  await refusedWith(
    "chain/bad-evidence",
    chain.reportContradiction(reporter, deployment, { ...evidence, second: honest }),
  );
  await refusedWith("chain/not-charged", chain.enforceContradiction(reporter, deployment, one));
  const charged = await chain.reportContradiction(reporter, deployment, evidence);
  assert.equal(charged.executionHash, bytesToHex(lie.executionHash));
  const charge = await chain.getCharge(publicClient, deployment, two.sessionId);
  assert.deepEqual([charge?.reporter, charge?.enforced], [reporter.account!.address, false]);
  await refusedWith("chain/bad-evidence", chain.reportContradiction(reporter, deployment, evidence));
  await refusedWith("chain/too-early", chain.enforceContradiction(reporter, deployment, one));
  await market.passTime(24 * 3600);
  for (const { params } of [one, two]) {
    const { slashed, gasUsed } = await chain.enforceContradiction(reporter, deployment, { params });
    assert.equal(slashed, params.bond);
    assert.ok(gasUsed < 250_000n);
  }
  // What was slashed burns but for a twentieth.
  assert.equal((await chain.getCharge(publicClient, deployment, one.sessionId))?.enforced, true);
});

test("an answer on chain that differs from a receipt is a contradiction too", async () => {
  const { deployment } = market;
  const { params, sessionId } = await openOne();
  const demanded = await chain.demand(buyer, deployment, { params, newest: null, request });
  const { answer, operatorSig } = answerTo(demanded);
  await chain.answerDemand(owner, deployment, { params, answer, operatorSig, outcome });
  const [proven] = receiptsOf(sessionId, [receipt({ usage: { ...receipt().usage, bitOps: 78n } })]);
  assert.equal(contradictionOf(determinedOf(proven!.receipt), answer), "bitOps");
  await chain.reportContradiction(reporter, deployment, {
    first: { params, testimony: testimonyOfAnswer({ answer, operatorSig, demandNonce: demanded.nonce }) },
    second: { params, testimony: testimonyOfReceipt(proven!) },
  });
});

test("the contract hashes any execution as the protocol does", async () => {
  const { deployment } = market;
  const { params } = await openOne();
  const provider = owner.account!.address;
  // Whatever bytes a JavaScript string can turn into: no lone surrogates.
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
  const limits = {
    bitOps: uint64,
    floatOps: uint64,
    memoryPages: fc.integer({ min: 0, max: 65536 }),
    outputBytes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  };
  const fields = {
    shape: fc.constantFrom("command" as const, "reactor" as const),
    input: fc.uint8Array({ maxLength: 200 }),
    args: fc.array(text, { maxLength: 4 }),
    env: fc.array(fc.tuple(text, text), { maxLength: 3 }),
    files: fc.constant([]),
    envSalt: bytes32,
    clockNs: uint64,
    seed: bytes32,
    limits: fc.record(limits, { noNullPrototype: true }),
  };
  const requests: fc.Arbitrary<ExecutionRequest> = fc.record(fields, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const snapshot = await market.testClient.snapshot();
      try {
        const demanded = await chain.demand(buyer, deployment, { params, newest: null, request });
        assert.equal(demanded.executionHash, bytesToHex(executionHash(hexToBytes(MODULE), request)));
        const [waiting] = await chain.listOpenDemands(market.publicClient, deployment, { provider });
        assert.deepEqual(waiting!.request, request);
      } finally {
        await market.testClient.revert({ id: snapshot });
      }
    }),
    { numRuns: 25 },
  );
});

test("closing costs the same gas after a minute and after ten years", async () => {
  const { deployment } = market;
  const sessions = [await openOne(), await openOne(), await openOne()];
  const gas: bigint[] = [];
  for (const [i, { params, sessionId }] of sessions.entries()) {
    if (i === 2) await market.passTime(3650 * 24 * 3600);
    const signed = cosign(deployment, 1, { sessionId, creditsUsed: CREDIT, invocations: 9n, isFinal: true });
    gas.push((await chain.closeSession(buyer, deployment, { params, signed })).gasUsed);
  }
  // Signatures and ids have more or fewer zero bytes.
  const difference = gas[2]! - gas[1]!;
  assert.ok(difference < 200n && difference > -200n, `${gas}`);
});
