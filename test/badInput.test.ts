// The bad input of a user, of a peer and of a publisher, through the public door: each is refused by a coded error that
// names the value, and nobody's money has moved.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  advanceSettlement,
  approveExact,
  buyCredits,
  challengeClosing,
  createService,
  openSession,
  sellCredits,
  startClosing,
} from "@demec/chain";
import { asHostilePeer } from "@demec/network/testing";
import { encodeFrame, formatServiceName, type Hex, type OfferReply, signMessageOf } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { type CallResult, nearestFirst, type PaidSession, type Service } from "@demec/sdk";
import type { ConnectedDemec } from "@demec/sdk/node";
import { privateKeyToAccount, privateKeyToAddress } from "viem/accounts";
import { getBlock } from "viem/actions";
import { BuyerPeer } from "./support/buyerPeer.ts";
import { compileForeignImport, compileShout } from "./support/functions.ts";
import { CREDIT, CURVE, LocalMarket, type TestAccount, type TestProvider, USD } from "./support/localMarket.ts";
import { refused } from "./support/refused.ts";

const FOREIGN_KEY: Hex = `0x${"0f".repeat(32)}`;

let market: LocalMarket;
let shout: Uint8Array;
let name: string;
let serviceId: bigint;
let near: TestProvider;
let far: TestProvider;
let buyer: TestAccount;
let demec: ConnectedDemec;
let service: Service;
let session: PaidSession;
let result: CallResult;

before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  name = await market.publish(shout);
  near = await market.startProvider({ services: [name] });
  far = await market.startProvider({ services: [name], region: "us-va-iad" });
  buyer = await market.account({ usd: 100n * USD });
  demec = await market.connect(buyer);
  service = await demec.service(name, {
    region: "eu-de",
    select: nearestFirst,
    budget: 10n * USD,
    sessionCredits: 10n * CREDIT,
  });
  ({ serviceId } = service.terms);
  await service.buy(20n * CREDIT, await service.quote(20n * CREDIT));
  result = await service.invoke("before all");
  session = result.session;
  await session.prove(result.callId);
});
after(() => market.stop());

/** Whatever happens in it, nobody's money moves. */
async function unmoved(work: () => Promise<unknown>): Promise<void> {
  const books = await market.books();
  await work();
  assert.deepEqual(await market.books(), books);
}

const domain = () => ({ chainId: market.deployment.chainId, verifyingContract: market.deployment.escrow });
const sessionKeyOf = async ({ params }: PaidSession) => (await demec.options.vault.load(params.sessionKey))!;
const asPeer = <T>(provider: TestProvider, act: (peer: BuyerPeer) => Promise<T>) =>
  BuyerPeer.with(market.nodeOptions, provider.daemon.nodeKey, act);

describe("what a user asks for", () => {
  test("an unknown service", () =>
    unmoved(async () => {
      const { chainId, accessToken } = market.deployment;
      const unknown = formatServiceName({ chainId, accessToken, serviceId: 999n });
      await refused("chain/unknown-service", 999n, demec.service(unknown));
      await refused("protocol/bad-service-name", "eip155:1/shout", demec.service("eip155:1/shout"));
      await refused("sdk/unknown-name", '"shout"', demec.service("shout"));
      const wallet = market.wallet(buyer);
      const order = { serviceId: 999n, credits: CREDIT, maxCost: USD };
      await refused("chain/unknown-service", 999n, buyCredits(wallet, market.deployment, order));
    }));

  test("a service of another chain or of another market", () =>
    unmoved(async () => {
      const { accessToken, market: other } = market.deployment;
      await refused(
        "chain/wrong-chain",
        "chain 1,",
        demec.service(formatServiceName({ chainId: 1, accessToken, serviceId })),
      );
      const foreign = formatServiceName({ chainId: 31337, accessToken: other, serviceId });
      await refused("sdk/foreign-market", market.deployment.accessToken, demec.service(foreign));
    }));

  test("a deployment that is on another chain than the endpoint", () =>
    unmoved(async () => {
      const elsewhere = { ...market.deployment, chainId: 10 };
      const service = formatServiceName({ ...elsewhere, serviceId });
      await refused(
        "chain/wrong-chain",
        "chain 10",
        market.connect(buyer, { deployment: elsewhere }).then((d) => d.service(service)),
      );
      const order = { serviceId, credits: CREDIT, maxCost: USD };
      await refused("chain/wrong-chain", "chain 31337", buyCredits(market.wallet(buyer), elsewhere, order));
    }));

  test("more credits than there are", () =>
    unmoved(async () => {
      const held = await service.credits();
      await refused("chain/insufficient-credits", held + 1n, service.sell(held + 1n, 0n));
      const broke = await demec.service(name, { sessionCredits: held + CREDIT });
      await refused("sdk/over-budget", "budget of 0", broke.session(new Set([near.daemon.nodeKey])));
      await refused("session/call-too-large", /may cost \d+/, service.invoke("x", { limits: { bitOps: 10n ** 12n } }));
    }));

  test("more money than there is", () =>
    unmoved(async () => {
      const credits = 900n * CREDIT;
      const poor = await market.connect(near.operator);
      await refused(
        "chain/insufficient-funds",
        near.operator.address,
        poor.service(name).then((service) => service.buy(credits, 10n ** 12n)),
      );
    }));

  test("an account without coin for gas", () =>
    unmoved(async () => {
      const account = privateKeyToAccount(FOREIGN_KEY);
      const order = { serviceId, credits: CREDIT, minProceeds: 0n };
      const token = { token: market.network.mockUsd, spender: market.deployment.market, amount: 1n };
      await refused(
        "chain/insufficient-credits",
        CREDIT,
        sellCredits(market.wallet(account), market.deployment, order),
      );
      await refused(
        "chain/insufficient-gas-money",
        /funds/,
        approveExact(market.wallet(account), market.deployment, token),
      );
    }));

  test("amounts of zero", () =>
    unmoved(async () => {
      await refused("chain/zero-amount", "Market_ZeroCredits", service.buy(0n, USD));
      await refused("chain/zero-amount", "Market_ZeroCredits", service.sell(0n, 0n));
      const nothing = await demec.service(name, { sessionCredits: 0n });
      await refused("sdk/refused", "0 credit units", nothing.session(new Set([session.nodeKey])));
    }));

  test("slippage beyond the caller's limit", () =>
    unmoved(async () => {
      const cost = await service.quote(CREDIT);
      await refused("chain/slippage", cost - 1n, service.buy(CREDIT, cost - 1n));
      await refused("chain/slippage", 10n ** 12n, service.sell(CREDIT, 10n ** 12n));
    }));

  test("a deadline that has passed", () =>
    unmoved(async () => {
      const wallet = market.wallet(buyer);
      const late = { serviceId, credits: CREDIT, deadline: 1_000n };
      await refused("chain/deadline-passed", 1_000n, buyCredits(wallet, market.deployment, { ...late, maxCost: USD }));
      await refused(
        "chain/deadline-passed",
        1_000n,
        sellCredits(wallet, market.deployment, { ...late, minProceeds: 0n }),
      );
    }));

  test("a call that no message could carry", async () => {
    const before = session.engine.creditsUsed;
    await refused("protocol/frame-too-large", /A frame of \d+ bytes/, service.invoke(new Uint8Array(2 ** 24)));
    await refused("protocol/out-of-range", 2n ** 24n, service.invoke("x", { limits: { outputBytes: 2 ** 24 } }));
    await refused("protocol/out-of-range", "seed has 3 bytes", service.invoke("x", { seed: new Uint8Array(3) }));
    assert.equal(session.engine.creditsUsed, before);
    assert.equal(session.engine.inFlight, 0);
  });
});

describe("what a publisher publishes", () => {
  const create = (changes: object) =>
    createService(market.wallet(market.publisher), market.deployment, { ...service.terms, metadata: "", ...changes });
  const deploy = async (module: Uint8Array, ...options: string[]) => {
    const path = join(market.folder, "module.wasm");
    await writeFile(path, module);
    const args = ["deploy", path, "--payment-token", market.network.mockUsd, "--once", ...options];
    const demec = market.cli(args, market.environment(market.publisher));
    const code = await demec.end();
    return { code, error: JSON.parse(demec.log.at(-1) ?? "null") as { code: string; message: string } };
  };

  test("a curve with unordered points", () =>
    unmoved(async () => {
      await refused("curve/unordered", CURVE.x2, create({ curve: { ...CURVE, x1: CURVE.x2 } }));
      await refused("curve/unordered", CURVE.y3 + 1n, create({ curve: { ...CURVE, y2: CURVE.y3 + 1n } }));
      const { code, error } = await deploy(shout, "--curve", "0.5,10:0.1,20:0.2,30:0.3");
      assert.deepEqual([code, error.code], [1, "curve/unordered"]);
    }));

  test("a module that imports what is not offered", () =>
    unmoved(async () => {
      const { code, error } = await deploy(await compileForeignImport());
      assert.deepEqual([code, error.code], [1, "wasm/import-not-offered"]);
      assert.match(error.message, /env.*launch/);
    }));

  test("a module that fails validation", () =>
    unmoved(async () => {
      const { code, error } = await deploy(shout.subarray(0, shout.length - 3));
      assert.deepEqual([code, error.code], [1, "wasm/invalid-module"]);
    }));

  test("a module whose bytes are not those that its service names, and modules that no provider could run", async () => {
    const owner = await market.account({ demec: 5_000n * CREDIT });
    const operator = await market.account();
    // One folder: another node key would have to wait for its rotation.
    const dataDir = market.newFolder();
    const serve = (service: string) => market.startProvider({ services: [service], owner, operator, dataDir });
    const other = await market.publish(shout, { codeHash: `0x${"ab".repeat(32)}` });
    const foreign = await market.publish(await compileForeignImport());
    const invalid = await market.publish(shout.subarray(0, 100));
    await unmoved(async () => {
      await refused("network/content-hash-mismatch", "abababab", serve(other));
      await refused("wasm/import-not-offered", "launch", serve(foreign));
      await refused("wasm/invalid-module", /./, serve(invalid));
    });
  });
});

describe("what a buyer's peer says", () => {
  test("oversized and malformed frames end their connection; the provider goes on", () =>
    unmoved(async () => {
      const { bootstrap } = market.network;
      const oversized = Buffer.concat([Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x7f]), new Uint8Array(100)]);
      const truncated = encodeFrame({
        type: "offerRequest",
        requestId: 1,
        serviceId,
        buyer: buyer.address,
        credits: 1n,
      });
      for (const batch of [oversized, Uint8Array.of(3, 0x13, 1, 2), Uint8Array.of(5, ...truncated.subarray(0, 5))]) {
        await asHostilePeer(bootstrap, near.daemon.nodeKey, (peer) => peer.send(batch));
      }
      assert.equal(new TextDecoder().decode(await service.call("still here")), "STILL HERE");
    }));

  test("an attachment with a foreign key, or lifted from another connection", () =>
    unmoved(async () => {
      const key = await sessionKeyOf(session);
      const { sessionId } = session;
      const lifted = await asPeer(near, async (peer) => peer.attachment(key, domain(), sessionId));
      await asPeer(near, async (peer) => {
        assert.equal(
          await peer.attach(1, sessionId, peer.attachment(FOREIGN_KEY, domain(), sessionId)),
          "protocol/bad-signature",
        );
        assert.equal(await peer.attach(2, sessionId, lifted), "protocol/bad-signature");
        assert.equal(await peer.attach(3, sessionId, `0x${"00".repeat(65)}`), "protocol/bad-signature");
      });
      assert.equal(session.lost, null);
    }));

  test("an attachment to a session of another provider, or to none", () =>
    unmoved(async () => {
      const key = await sessionKeyOf(session);
      await asPeer(far, async (peer) => {
        const { sessionId } = session;
        assert.equal(
          await peer.attach(1, sessionId, peer.attachment(key, domain(), sessionId)),
          "provider/foreign-session",
        );
        const unknown: Hex = `0x${"77".repeat(32)}`;
        assert.equal(await peer.attach(2, unknown, peer.attachment(key, domain(), unknown)), "chain/unknown-session");
      });
    }));

  test("an offer for what is not served, or for more than is sold", () =>
    unmoved(async () => {
      await asPeer(near, async (peer) => {
        const ask = { serviceId, buyer: buyer.address, credits: CREDIT };
        assert.equal(await peer.offer({ ...ask, serviceId: 999n }), "provider/service-not-served");
        assert.equal(await peer.offer({ ...ask, credits: 0n }), "provider/credits-out-of-range");
        assert.equal(await peer.offer({ ...ask, credits: 2n ** 100n }), "provider/credits-out-of-range");
      });
    }));

  test("a state that the session key did not sign, and one that was replayed", async () => {
    const wallet = market.wallet(buyer);
    const victim = await demec.service(name, { region: "us-va-iad", budget: USD, sessionCredits: CREDIT });
    const first = await victim.invoke("one");
    const old = (await first.session.prove(first.callId)).state;
    const second = await victim.invoke("two");
    const { state: newest } = await second.session.prove(second.callId);
    const { params, sessionId, nodeKey } = first.session;
    const provider = [near, far].find(({ daemon }) => daemon.nodeKey === nodeKey)!;
    await first.session.release();
    await unmoved(async () => {
      const forged = signMessageOf(FOREIGN_KEY, domain(), "SessionState", newest.state);
      await refused(
        "chain/foreign-signer",
        privateKeyToAddress(FOREIGN_KEY),
        startClosing(wallet, market.deployment, { params, signed: { ...newest, sessionKeySig: forged } }),
      );
      await startClosing(wallet, market.deployment, { params, signed: newest });
      for (const replayed of [old, newest]) {
        const work = challengeClosing(wallet, market.deployment, { params, signed: replayed });
        await refused("chain/stale-state", replayed.state.seq, work);
      }
    });
    // A session that is closing, and then settled, takes no attachment.
    const key = await sessionKeyOf(first.session);
    const attach = () =>
      asPeer(provider, (peer) => peer.attach(1, sessionId, peer.attachment(key, domain(), sessionId)));
    assert.equal(await attach(), "provider/session-not-open");
    await market.passTime(3601);
    const end = { sessionId, newest, end: true };
    assert.equal((await advanceSettlement(market.client, wallet, market.deployment, end)).type, "settled");
    assert.equal(await attach(), "provider/session-not-open");
  });

  test("an offer that somebody else signed, that was changed, or that has expired", () =>
    unmoved(async () => {
      const ask = { serviceId, buyer: buyer.address, credits: CREDIT };
      const { offer, operatorSig } = await until("the provider's offers go by the chain's time", async () => {
        const { timestamp } = await getBlock(market.client);
        const reply = (await asPeer(near, (peer) => peer.offer(ask))) as OfferReply;
        return reply.offer.expiry > timestamp && reply;
      });
      const wallet = market.wallet(buyer);
      const open = (changes: Partial<typeof offer>, signature = operatorSig) =>
        openSession(wallet, market.deployment, {
          offer: { ...offer, ...changes },
          operatorSig: signature,
          credits: CREDIT,
          sessionKey: privateKeyToAddress(FOREIGN_KEY),
          minValue: 1n,
        });
      await refused("chain/foreign-signer", near.operator.address, open({ bondPerCredit: offer.bondPerCredit + 1n }));
      const forged = signMessageOf(FOREIGN_KEY, domain(), "Offer", offer);
      await refused("chain/foreign-signer", privateKeyToAddress(FOREIGN_KEY), open({}, forged));
      await market.passTime(301);
      await refused("chain/offer-expired", offer.expiry, open({}));
    }));
});

test("after all of it the session is settled at exactly what its receipts say, and the providers saw no failure", async () => {
  const [progress] = await service.close();
  assert.equal(progress?.type, "settled");
  assert.equal(progress.settlement.state.invocations, 2n);
  for (const { log } of [near, far]) assert.deepEqual(log.errors, []);
});
