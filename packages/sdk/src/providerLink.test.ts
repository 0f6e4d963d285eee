import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { connectionPair } from "@demec/network/testing";
import type { Offer } from "@demec/protocol";
import { ProviderLink } from "./providerLink.ts";

const BUYER = `0x${"0e".repeat(20)}` as const;
const ASK = { serviceId: 1n, buyer: BUYER, credits: 5n };
const OFFER: Offer = {
  serviceId: 1n,
  provider: `0x${"0d".repeat(20)}`,
  buyer: BUYER,
  minCredits: 1n,
  maxCredits: 5n,
  minValuePerCredit: 0n,
  bondPerCredit: 0n,
  demandMaxInputBytes: 0,
  demandWindow: 0,
  demandDeposit: 0n,
  expiry: 1n,
  nonce: 1n,
};
const SIGNATURE = `0x${"11".repeat(65)}` as const;
const ATTACH = {
  sessionId: `0x${"5e".repeat(32)}`,
  sessionPrivateKey: `0x${"0b".repeat(32)}`,
  domain: { chainId: 1, verifyingContract: BUYER },
  newest: { full: null, half: null },
  listener: { receive() {}, ended() {}, expects: () => false, outputOf: () => null, uploaded() {} },
} as const;

async function linked(t: TestContext, answerMs?: number) {
  const [buyer, provider] = await connectionPair();
  t.after(() => Promise.all([buyer.close(), provider.close()]));
  return { link: new ProviderLink(buyer, answerMs), provider };
}

test("each request gets its own answer, whatever the order they come in", async (t) => {
  const { link, provider } = await linked(t);
  const requests: number[] = [];
  provider.onMessage((frame) => {
    if (frame.type !== "offerRequest" || requests.push(frame.requestId) < 2) return;
    const [first, second] = requests as [number, number];
    provider.send({ type: "offerReply", requestId: second, offer: { ...OFFER, nonce: 2n }, operatorSig: SIGNATURE });
    provider.send({ type: "refuse", regarding: "offer", id: first, code: "provider/at-capacity", message: "Full." });
    provider.send({ type: "offerReply", requestId: 99, offer: OFFER, operatorSig: SIGNATURE });
  });
  const [first, second] = [link.requestOffer(ASK), link.requestOffer(ASK)];
  await assert.rejects(first, {
    code: "sdk/refused",
    details: { regarding: "offer", code: "provider/at-capacity" },
  });
  assert.equal((await second).offer.nonce, 2n);
});

test("a provider that does not answer is not waited for beyond the time it has, and its late answer is ignored", async (t) => {
  const { link, provider } = await linked(t, 30);
  let requestId = 0;
  provider.onMessage((frame) => {
    if (frame.type === "offerRequest") requestId = frame.requestId;
  });
  await assert.rejects(link.requestOffer(ASK), { code: "sdk/no-answer" });
  await assert.rejects(link.attach(ATTACH), { code: "sdk/no-answer" });
  provider.send({ type: "offerReply", requestId, offer: OFFER, operatorSig: SIGNATURE });
  provider.onMessage((frame) => {
    if (frame.type === "offerRequest")
      provider.send({ type: "offerReply", requestId: frame.requestId, offer: OFFER, operatorSig: SIGNATURE });
  });
  assert.deepEqual((await link.requestOffer(ASK)).offer, OFFER);
});

test("a connection that ends takes its requests with it, and later ones fail at once", async (t) => {
  const { link, provider } = await linked(t);
  const waiting = link.requestOffer(ASK);
  void provider.close("provider/stops", "This provider stops.");
  await assert.rejects(waiting, { code: "sdk/provider-lost", details: { reason: "provider/stops" } });
  assert.ok(!link.open);
  await assert.rejects(link.attach(ATTACH), { code: "sdk/provider-lost" });
});

test("a request that has no encoding is refused here, and the link goes on", async (t) => {
  const { link, provider } = await linked(t);
  await assert.rejects(link.requestOffer({ ...ASK, credits: 2n ** 200n }), { code: "protocol/out-of-range" });
  provider.onMessage((frame) => {
    if (frame.type === "offerRequest")
      provider.send({ type: "offerReply", requestId: frame.requestId, offer: OFFER, operatorSig: SIGNATURE });
  });
  assert.deepEqual((await link.requestOffer(ASK)).operatorSig, SIGNATURE);
});
