// A gated service as its users meet it: providers that really run, the SDK, wallets, transactions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGatePolicy, signGrant } from "@demec/access";
import { isDemecError } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { erc20Abi } from "viem";
import { writeContract } from "viem/actions";
import { BuyerPeer } from "../support/buyerPeer.ts";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LocalMarket, type TestAccount, USD } from "../support/localMarket.ts";

const SHOUT = new TextEncoder().encode("WHISPER");
const OPTIONS = { budget: 10n * USD, sessionCredits: CREDIT };

/** The provider's gate said no with this code. */
const refusedWith = (code: string, work: Promise<unknown>) =>
  assert.rejects(work, (error) => {
    assert.ok(isDemecError(error, "sdk/refused"), `${error}`);
    assert.equal(error.details.code, code);
    return true;
  });

test("a gated service is called by whom its policy lets in, until that ends", async (t) => {
  const [market, wasm] = await Promise.all([LocalMarket.start(), compileShout()]);
  t.after(() => market.stop());
  const [name, openName] = [await market.publish(wasm), await market.publish(wasm)];
  const serviceId = BigInt(name.split("/").at(-1)!);
  const { deployment } = market;
  const money = { usd: 100n * USD };
  const [member, stranger, guest] = [
    await market.account({ ...money, demec: CREDIT }),
    await market.account(money),
    await market.account(money),
  ];
  const grantor = await market.account();
  const policy = {
    ...parseGatePolicy({}),
    condition: { type: "erc20", token: deployment.demecToken, atLeast: 1n },
    grantors: [grantor.address],
  } as const;
  const setting = { services: [name, openName], gates: new Map([[serviceId, policy]]), dataDir: market.newFolder() };
  const provider = await market.startProvider(setting);
  const serviceOf = async (account: TestAccount, more = {}, service = name) =>
    (await market.connect(account)).service(service, { ...OPTIONS, ...more });
  const grantTo = (subject: TestAccount, maxCalls: number) =>
    signGrant(market.wallet(grantor), deployment, {
      ...{ subject: subject.address, expiry: Math.floor(Date.now() / 1000) + 600, maxCalls },
    });

  await t.test("who meets the condition calls it; the wallet signs in once for all calls", async () => {
    let signatures = 0;
    const counting = {
      ...member,
      signMessage: (message: Parameters<TestAccount["signMessage"]>[0]) => {
        signatures++;
        return member.signMessage(message);
      },
    };
    const service = await serviceOf(counting);
    for (let call = 0; call < 3; call++) assert.deepEqual(await service.call("whisper"), SHOUT);
    assert.equal(signatures, 1);
    await service.close();
  });

  await t.test(
    "a stranger is refused before anything is bought; other services of the provider ask for nothing",
    async () => {
      const service = await serviceOf(stranger);
      await refusedWith("access/refused", service.call("whisper"));
      assert.equal(await service.credits(), 0n);
      const open = await serviceOf(stranger, {}, openName);
      assert.deepEqual(await open.call("whisper"), SHOUT);
      await open.close();
    },
  );

  await t.test("a peer that asks for an offer, or to enter, without the right words gets a coded refusal", () =>
    BuyerPeer.with(market.nodeOptions, provider.daemon.nodeKey, async (peer) => {
      const request = { serviceId, buyer: stranger.address, credits: CREDIT };
      assert.equal(await peer.offer(request), "access/required");
      const refusals = [
        { step: "challenge", text: "me", serviceId, code: "access/bad-proof" },
        { step: "enter", text: "{}", serviceId, code: "access/bad-proof" },
        { step: "token", text: "a.b.c", serviceId, code: "access/bad-token" },
        { step: "revoke", text: "[]", serviceId, code: "access/bad-proof" },
        { step: "challenge", text: stranger.address, serviceId: serviceId + 1n, code: "access/not-gated" },
      ] as const;
      for (const [requestId, { code, ...frame }] of refusals.entries()) {
        peer.connection.send({ type: "accessRequest", requestId, ...frame });
        const refusal = await peer.take((answer) => answer.type === "refuse" && answer.id === requestId);
        assert.ok(refusal.type === "refuse" && refusal.regarding === "access");
        assert.equal(refusal.code, code);
      }
      assert.equal(await peer.offer(request), "access/required");
    }),
  );

  await t.test("a grant lets in for as many calls as it says", async () => {
    const service = await serviceOf(stranger, { grants: [await grantTo(stranger, 2)], signIn: "eip712" });
    for (let call = 0; call < 2; call++) assert.deepEqual(await service.call("whisper"), SHOUT);
    await assert.rejects(service.call("whisper"), (error) => {
      assert.ok(isDemecError(error, "sdk/call-fault"), `${error}`);
      assert.deepEqual([error.details.code, error.details.breach], ["access/calls-used-up", false]);
      return true;
    });
    await service.close();
  });

  await t.test("a transaction that ends what the condition asks for shows the buyer out", async () => {
    const service = await serviceOf(member);
    assert.deepEqual(await service.call("whisper"), SHOUT);
    const transfer = { address: deployment.demecToken, abi: erc20Abi, functionName: "transfer" } as const;
    await writeContract(market.wallet(member), { ...transfer, chain: null, args: [grantor.address, CREDIT] });
    await until("the member is shown out", () => provider.daemon.status().attachedSessions === 0);
    await refusedWith("access/refused", service.call("whisper"));
    await service.close();
  });

  await t.test(
    "a gate that is put up while a session lasts shows out who has not entered, and counts from then on",
    async () => {
      const openId = BigInt(openName.split("/").at(-1)!);
      const service = await serviceOf(stranger, { grants: [await grantTo(stranger, 1)] }, openName);
      assert.deepEqual(await service.call("whisper"), SHOUT);
      provider.daemon.gate(openId, policy);
      await until("the stranger is shown out", () => provider.daemon.status().attachedSessions === 0);
      assert.deepEqual(await service.call("whisper"), SHOUT);
      await assert.rejects(service.call("whisper"), (error) => {
        assert.ok(isDemecError(error, "sdk/call-fault"), `${error}`);
        assert.equal(error.details.code, "access/calls-used-up");
        return true;
      });
      provider.daemon.gate(openId, null);
      assert.deepEqual(await service.call("whisper"), SHOUT);
      await service.close();
    },
  );

  await t.test("a signed revocation shows out whom the grant let in, and outlives the provider's restart", async () => {
    const grant = await grantTo(guest, 0);
    const service = await serviceOf(guest, { grants: [grant] });
    assert.deepEqual(await service.call("whisper"), SHOUT);
    const grantors = await serviceOf(grantor);
    assert.deepEqual(await grantors.revoke([grant]), [provider.owner.address]);
    await until("the guest is shown out", () => provider.daemon.status().attachedSessions === 0);
    await refusedWith("access/revoked", service.call("whisper"));
    await service.close();
    await provider.daemon.stop();
    await market.startProvider({ ...setting, owner: provider.owner, operator: provider.operator });
    await refusedWith("access/revoked", (await serviceOf(guest, { grants: [grant] })).call("whisper"));
    const renewed = await serviceOf(guest, { grants: [await grantTo(guest, 0)] });
    assert.deepEqual(await renewed.call("whisper"), SHOUT);
    await renewed.close();
  });
  assert.deepEqual(provider.log.errors, []);
});
