// Calls that are paid for one by one: the official x402 client against our gateway, on a real chain.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  decodePaymentRequiredHeader,
  decodePaymentResponseHeader,
  decodePaymentSignatureHeader,
  encodePaymentSignatureHeader,
} from "@x402/core/http";
import { authorizationTypes, eip3009ABI } from "@x402/evm";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { erc20Abi, parseSignature } from "viem";
import { readContract, writeContract } from "viem/actions";
import { type TestAccount, USD } from "../support/localMarket.ts";
import { BUDGET, PAYMENT, payingClient, payingFetch, type Stage, startStage } from "./stage.ts";

let stage: Stage;
let url: string;
let payer: TestAccount;
before(async () => {
  stage = await startStage();
  const { shout, copy } = stage;
  const gateway = await stage.gateway([
    { service: shout, names: ["shout"], budget: BUDGET, payment: PAYMENT },
    { service: copy, names: ["copy"], budget: BUDGET, payment: PAYMENT },
  ]);
  url = gateway.url;
  payer = await stage.market.account({ usd: 10n * USD });
  await shout.call("warm");
});
after(() => stage.stop());

const money = ({ address }: { address: `0x${string}` }): Promise<bigint> =>
  readContract(stage.market.client, {
    address: stage.market.network.mockUsd,
    abi: erc20Abi,
    functionName: "balanceOf",
    args: [address],
  });

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, { method: "POST", body, headers });

/** What a call costs, as a 402 answer says. */
async function terms(path: string, body: string) {
  const response = await post(path, body);
  assert.equal(response.status, 402);
  return decodePaymentRequiredHeader(response.headers.get("payment-required")!);
}

type Terms = Awaited<ReturnType<typeof terms>>;

/** A payment for a call, as the official client makes it. */
async function pay(required: Terms, from: TestAccount = payer) {
  const payload = await payingClient(stage.market, from).setSpendControls(false).createPaymentPayload(required);
  return { "payment-signature": encodePaymentSignatureHeader(payload) };
}

/** The same for other terms than those that are asked for. */
const payOther = ({ accepts, ...rest }: Terms, changes: Partial<Terms["accepts"][number]>) =>
  pay({ ...rest, accepts: [{ ...accepts[0]!, ...changes }] });

async function refused(response: Response, code: string, status = 402): Promise<void> {
  const body = (await response.json()) as { code: string };
  assert.deepEqual([response.status, body.code], [status, code], JSON.stringify(body));
}

test("whoever asks without a payment is told what the call costs", async () => {
  const response = await post("/v1/shout", "hello");
  assert.equal(response.status, 402);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.partialDeepStrictEqual(await response.json(), { status: 402, code: "gateway/payment-required" });
  const { x402Version, accepts, resource } = await terms("/v1/shout", "hello");
  assert.equal(x402Version, 2);
  assert.equal(resource.url, `${url}/v1/shout`);
  const { chainId } = stage.market.deployment;
  assert.partialDeepStrictEqual(accepts, [
    {
      ...{ scheme: "exact", network: `eip155:${chainId}`, asset: stage.market.network.mockUsd },
      ...{ payTo: stage.account.address, extra: { name: "Mock USD", version: "1" } },
    },
  ]);
});

test("where only payments count, a token of any kind buys nothing", async () => {
  await refused(await post("/v1/shout", "hello", { authorization: "Bearer made-up" }), "gateway/payment-required");
});

test("the official client pays, gets the result, and the chain has what the answer says", async () => {
  const [{ accepts }, had, earned] = [
    await terms("/v1/shout", "hello"),
    await money(payer),
    await money(stage.account),
  ];
  const response = await payingFetch(stage.market, payer)(`${url}/v1/shout`, { method: "POST", body: "hello" });
  assert.deepEqual([response.status, await response.text()], [200, "HELLO"]);
  const settled = decodePaymentResponseHeader(response.headers.get("payment-response")!);
  assert.partialDeepStrictEqual(settled, { success: true, payer: payer.address });
  const price = BigInt(accepts[0]!.amount);
  assert.ok(price > 0n);
  assert.equal(had - (await money(payer)), price);
  assert.equal((await money(stage.account)) - earned, price);
  assert.match(response.headers.get("demec-receipt")!, /^0x[0-9a-f]{64}$/);
});

test("a payment buys one call: sent again, with the same or another request, it is refused", async () => {
  const payment = await pay(await terms("/v1/shout", "once"));
  const first = await post("/v1/shout", "once", payment);
  assert.deepEqual([first.status, await first.text()], [200, "ONCE"]);
  const had = await money(payer);
  for (const body of ["once", "else"]) {
    const again = await post("/v1/shout", body, payment);
    await refused(again, "gateway/payment-refused");
  }
  assert.equal(await money(payer), had);
});

test("two requests with one payment at once make one call", async () => {
  const [required, had] = [await terms("/v1/shout", "twice"), await money(payer)];
  const payment = await pay(required);
  const answers = await Promise.all([post("/v1/shout", "twice", payment), post("/v1/shout", "twice", payment)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  assert.equal(had - (await money(payer)), BigInt(required.accepts[0]!.amount));
});

test("less money, another chain, another recipient, another token, a shorter time are refused, and nothing is called", async () => {
  const required = await terms("/v1/shout", "hello");
  const had = await money(payer);
  const [asked] = required.accepts;
  const other = stage.market.publisher.address;
  const others: Partial<typeof asked>[] = [
    { amount: `${BigInt(asked!.amount) - 1n}` },
    { network: "eip155:8453" },
    { payTo: other },
    { asset: stage.market.deployment.demecToken },
  ];
  const openCalls = stage.shout;
  const { sessionId } = await openCalls.session();
  for (const changes of others) {
    const client = payingClient(stage.market, payer).setSpendControls(false);
    client.register("eip155:*", new ExactEvmScheme(payer));
    const payload = await client.createPaymentPayload({ ...required, accepts: [{ ...asked!, ...changes }] });
    const signed = { "payment-signature": encodePaymentSignatureHeader(payload) };
    await refused(await post("/v1/shout", "hello", signed), "gateway/payment-refused");
    // Nor does it help to say that the right thing was signed.
    const lie = { "payment-signature": encodePaymentSignatureHeader({ ...payload, accepted: asked! }) };
    await refused(await post("/v1/shout", "hello", lie), "gateway/payment-refused");
  }
  const hasty = await payOther(required, { maxTimeoutSeconds: 20 });
  await refused(await post("/v1/shout", "hello", hasty), "gateway/payment-refused");
  await refused(await post("/v1/shout", "hello", { "payment-signature": "e30=" }), "gateway/payment-refused");
  await refused(await post("/v1/shout", "hello", { "payment-signature": "§" }), "gateway/payment-refused");
  assert.equal(await money(payer), had);
  assert.equal((await openCalls.session()).sessionId, sessionId);
});

test("a payer can't sign for more than it has: of calls at once, as many are made as its money covers", async () => {
  const required = await terms("/v1/shout", "poor");
  const price = BigInt(required.accepts[0]!.amount);
  const poor = await stage.market.account({ usd: 2n * price + price / 2n });
  const payments = await Promise.all([1, 2, 3, 4].map(() => pay(required, poor)));
  const answers = await Promise.all(payments.map((payment) => post("/v1/shout", "poor", payment)));
  const paid = answers.filter(({ status }) => status === 200).length;
  assert.ok(paid >= 1 && paid <= 2, `${paid} were made`);
  assert.equal(await money(poor), 2n * price + price / 2n - BigInt(paid) * price);
  for (const answer of answers.filter(({ status }) => status !== 200)) await refused(answer, "gateway/payment-refused");
});

test("a call that can't be made costs nothing, one that traps is paid for: the work was done", async () => {
  const had = await money(payer);
  const failed = await payingFetch(stage.market, payer)(`${url}/v1/shout?stream=true`, { method: "POST", body: "x" });
  await refused(failed, "wasm/wrong-shape", 400);
  assert.equal(await money(payer), had);
  const trapped = await payingFetch(stage.market, payer)(`${url}/v1/shout`, { method: "POST", body: "trap" });
  assert.equal(trapped.status, 422);
  assert.equal(trapped.headers.get("demec-status"), "unreachable");
  assert.ok(decodePaymentResponseHeader(trapped.headers.get("payment-response")!).success);
  assert.ok((await money(payer)) < had);
});

test("lower limits make a call cheaper", async () => {
  const [usual, small] = [await terms("/v1/shout", "hi"), await terms("/v1/shout?bitOps=1000000", "hi")];
  assert.ok(BigInt(small.accepts[0]!.amount) * 2n < BigInt(usual.accepts[0]!.amount));
});

test("a stream is paid for before its first byte leaves; one that ends badly before that is paid for as a whole result is", async () => {
  const had = await money(payer);
  const streamed = await payingFetch(stage.market, payer)(`${url}/v1/copy?stream=true`, {
    method: "POST",
    body: "flow",
  });
  assert.equal(streamed.status, 200);
  assert.ok(decodePaymentResponseHeader(streamed.headers.get("payment-response")!).success);
  const paid = await money(payer);
  assert.ok(paid < had);
  assert.equal(await streamed.text(), "flow");
  // Its fuel is too little for even one byte.
  const path = `${url}/v1/copy?stream=true&bitOps=1`;
  const stuck = await payingFetch(stage.market, payer)(path, { method: "POST", body: "flow" });
  assert.ok(decodePaymentResponseHeader(stuck.headers.get("payment-response")!).success);
  await refused(stuck, "sdk/execution-failed", 422);
  assert.ok((await money(payer)) < paid);
});

test("a result is withheld until its payment is settled, and is given out once the payer can pay again", async () => {
  const { market } = stage;
  const required = await terms("/v1/copy?deadlineMs=29000", "result");
  const price = BigInt(required.accepts[0]!.amount);
  const fickle = await market.account({ usd: price });
  const payment = await pay(required, fickle);
  // Its money leaves while the call is under way: the settlement meets an empty account.
  const move = (to: `0x${string}`, from: TestAccount) =>
    writeContract(market.wallet(from), {
      ...{ address: market.network.mockUsd, abi: erc20Abi, chain: null },
      ...{ functionName: "transfer", args: [to, price] },
    });
  const invoke = stage.copy.invoke.bind(stage.copy);
  const called: string[] = [];
  stage.copy.invoke = async (...call) => {
    const result = await invoke(...call);
    called.push(new TextDecoder().decode(result.output));
    if (called.length === 1) await move(payer.address, fickle);
    return result;
  };
  try {
    const answer = await post("/v1/copy?deadlineMs=29000", "result", payment);
    await refused(answer.clone(), "gateway/not-settled");
    assert.ok(!(await answer.text()).includes('"result"'));
    assert.equal(answer.headers.get("demec-receipt"), null);
    await move(fickle.address, payer);
    await refused(await post("/v1/copy?deadlineMs=28000", "result", payment), "gateway/payment-refused");
    const second = await post("/v1/copy?deadlineMs=29000", "result", payment);
    assert.deepEqual([second.status, await second.text()], [200, "result"]);
    assert.equal(await money(fickle), 0n);
    assert.deepEqual(called, ["result"], "the call was made once");
  } finally {
    stage.copy.invoke = invoke;
  }
});

test("what was settled and not delivered is fetched by the same request after a restart, once and without another payment", async () => {
  const { copy, market } = stage;
  const dataDir = market.newFolder();
  const endpoints = [{ service: copy, names: ["copy"], budget: BUDGET, payment: PAYMENT }];
  const first = await stage.gateway(endpoints, { dataDir });
  const required = await terms("/v1/copy", "lost");
  const [payment, had] = [await pay(required), await money(payer)];
  const line = new AbortController();
  const request = (at: string, signal?: AbortSignal) =>
    fetch(`${at}/v1/copy`, { method: "POST", body: "lost", headers: payment, ...(signal && { signal }) });
  // The line breaks when the result is there and not settled yet.
  const invoke = copy.invoke.bind(copy);
  copy.invoke = async (...call) => {
    const result = await invoke(...call);
    line.abort();
    await sleep(50);
    return result;
  };
  try {
    await assert.rejects(request(first.url, line.signal), { name: "AbortError" });
    assert.equal(await first.drain(10_000), 0);
    await first.close();
    const second = await stage.gateway(endpoints, { dataDir });
    const again = await request(second.url);
    assert.deepEqual([again.status, await again.text()], [200, "lost"]);
    assert.ok(decodePaymentResponseHeader(again.headers.get("payment-response")!).success);
    await refused(await request(second.url), "gateway/payment-refused");
  } finally {
    copy.invoke = invoke;
  }
  assert.equal(had - (await money(payer)), BigInt(required.accepts[0]!.amount));
});

test("a payment that its payer cancelled on chain fetches nothing", async () => {
  const { copy } = stage;
  const required = await terms("/v1/copy", "gone");
  const payment = await pay(required);
  const invoke = copy.invoke.bind(copy);
  copy.invoke = async (...call) => {
    const result = await invoke(...call);
    await spendNonce(payment);
    return result;
  };
  const earned = await money(stage.account);
  try {
    for (const _ of [1, 2]) await refused(await post("/v1/copy", "gone", payment), "gateway/not-settled");
  } finally {
    copy.invoke = invoke;
  }
  assert.equal(await money(stage.account), earned);
});

test("what is not settled is bounded: beyond that no call is sold", async () => {
  const { copy } = stage;
  const price = BigInt((await terms("/v1/copy", "x")).accepts[0]!.amount);
  const payment = { ...PAYMENT, maxUnpaid: price + price / 2n };
  const { url: at } = await stage.gateway([{ service: copy, names: ["copy"], budget: BUDGET, payment }]);
  const asked = async () => {
    const response = await fetch(`${at}/v1/copy`, { method: "POST", body: "x" });
    return decodePaymentRequiredHeader(response.headers.get("payment-required")!);
  };
  const send = (headers: Record<string, string>) => fetch(`${at}/v1/copy`, { method: "POST", body: "x", headers });
  const [lost, late] = [await pay(await asked()), await pay(await asked())];
  const invoke = copy.invoke.bind(copy);
  copy.invoke = async (...call) => {
    await spendNonce(lost);
    return invoke(...call);
  };
  try {
    await refused(await send(lost), "gateway/not-settled");
  } finally {
    copy.invoke = invoke;
  }
  await refused(await send(late), "gateway/busy", 503);
});

/** Uses the nonce of a payment for a transfer to somebody else. */
async function spendNonce(payment: { "payment-signature": string }): Promise<void> {
  const { market } = stage;
  const { payload } = decodePaymentSignatureHeader(payment["payment-signature"]);
  const { nonce } = (payload as { authorization: { nonce: `0x${string}` } }).authorization;
  const address = market.network.mockUsd;
  const message = { from: payer.address, to: payer.address, value: 0n, validAfter: 0n, validBefore: 2n ** 40n, nonce };
  const { v, r, s } = parseSignature(
    await payer.signTypedData({
      domain: { name: "Mock USD", version: "1", chainId: market.deployment.chainId, verifyingContract: address },
      types: authorizationTypes,
      primaryType: "TransferWithAuthorization",
      message,
    }),
  );
  const { from, to, value, validAfter, validBefore } = message;
  await writeContract(market.wallet(payer), {
    ...{ address, abi: eip3009ABI, chain: null, functionName: "transferWithAuthorization" },
    args: [from, to, value, validAfter, validBefore, nonce, Number(v), r, s],
  });
}
