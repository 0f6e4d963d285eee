import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Deployment, WriteClient } from "@demec/chain";
import { type ErrorCode, formatServiceName, type Hex, isDemecError } from "@demec/protocol";
import { base64url, decodeJwt, decodeProtectedHeader, importJWK, SignJWT } from "jose";
import { hexToBytes } from "viem";
import { signTypedData } from "viem/actions";
import type { Condition } from "../condition.ts";
import { formatDid } from "../did.ts";
import type { AccessGate } from "../gate.ts";
import { type Grant, grantTypedData, type SignedGrant, signGrant } from "../grant.ts";
import { nodeKeyOf, signingJwk, verifyingJwk } from "../nodeKeys.ts";
import { type GatePolicy, parseGatePolicy } from "../policy.ts";
import { signRevocation } from "../revocation.ts";
import { verifyToken } from "../tokens.ts";

/** What a backend brings to be tested: a chain, accounts on it, and gates over it. */
export interface GateStage {
  readonly deployment: Deployment;
  readonly serviceId: bigint;
  readonly otherServiceId: bigint;
  /** Owner accounts of two providers; gates are the first one's unless they say otherwise. */
  readonly provider: Hex;
  readonly otherProvider: Hex;
  /** What the first provider's node key comes from. */
  readonly nodeSeed: Uint8Array;
  /** Meets `condition` until `leave`. */
  readonly member: WriteClient;
  readonly stranger: WriteClient;
  readonly grantor: WriteClient;
  readonly condition: Condition;
  /** By a transaction, the member no longer meets the condition; and meets it again. */
  readonly leave: () => Promise<void>;
  readonly join: () => Promise<void>;
  readonly gate: (setting: GateSetting) => AccessGate;
  /** Answers a challenge in the wallet's name. */
  readonly prove: (wallet: WriteClient, challenge: string, setting?: ProveSetting) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface GateSetting {
  readonly policy: GatePolicy;
  readonly serviceId?: bigint;
  readonly provider?: Hex;
  readonly domain?: string;
  /** Unix seconds. */
  readonly now?: () => number;
}

export interface ProveSetting {
  readonly grants?: readonly SignedGrant[];
  readonly serviceId?: bigint;
  readonly provider?: Hex;
  readonly domain?: string;
}

const refusedWith = (code: ErrorCode, work: Promise<unknown>) =>
  assert.rejects(work, (error) => isDemecError(error, code) || assert.fail(`${error} is not ${code}`));
const later = () => Math.floor(Date.now() / 1000) + 3_600;

/** What every gate must do, whatever decides; the same tests for each backend. */
export function testGate(backend: string, start: () => Promise<GateStage>): void {
  describe(`gate: ${backend}`, () => {
    let stage: GateStage;
    before(async () => {
      stage = await start();
    });
    after(() => stage.stop());

    const policyOf = (changes: Partial<GatePolicy> = {}): GatePolicy => ({
      ...parseGatePolicy({}),
      condition: stage.condition,
      ...changes,
    });
    const open = (setting: Partial<GateSetting> = {}) => stage.gate({ policy: policyOf(), ...setting });
    const audience = () => formatServiceName({ ...stage.deployment, serviceId: stage.serviceId });
    const enter = async (gate: AccessGate, wallet: WriteClient, grants: readonly SignedGrant[] = []) =>
      gate.enter(await stage.prove(wallet, await gate.challenge(wallet.account.address), { grants }));
    const grantTo = (
      issuer: WriteClient,
      subject: WriteClient,
      changes: Partial<Parameters<typeof signGrant>[2]> = {},
    ) => signGrant(issuer, stage.deployment, { subject: subject.account.address, expiry: later(), ...changes });
    /** The member's signature under a grant that the library would not make. */
    const signAsMember = async (grant: Grant): Promise<SignedGrant> => {
      const { account } = stage.member;
      const typedData = grantTypedData(stage.deployment, grant);
      return { grant, signature: await signTypedData(stage.member, { account, ...typedData }) };
    };

    test("lets in who meets the condition, and nobody else", async () => {
      const gate = open();
      const { token, claims } = await enter(gate, stage.member);
      assert.equal(claims.subject, stage.member.account.address);
      assert.deepEqual(await gate.admit(token), claims);
      await refusedWith("access/refused", enter(gate, stage.stranger));
      await refusedWith("access/refused", enter(open({ policy: policyOf({ condition: null }) }), stage.member));
    });

    test("gives a token that anybody can verify by the node key on chain", async () => {
      const { token, claims } = await enter(open(), stage.member);
      const { chainId } = stage.deployment;
      const payload = decodeJwt(token);
      assert.equal(payload.sub, formatDid(chainId, stage.member.account.address));
      assert.equal(payload.iss, formatDid(chainId, stage.provider));
      assert.equal(payload.aud, audience());
      assert.equal(payload.exp! - payload.iat!, 300);
      assert.equal(payload.jti, claims.id);
      assert.equal(decodeProtectedHeader(token).alg, "EdDSA");
      const { provider } = stage;
      const nodeKey = nodeKeyOf(stage.nodeSeed);
      const nowSeconds = Date.now() / 1000;
      const verified = { token, nodeKey, chainId, audience: audience(), provider, nowSeconds };
      assert.deepEqual(await verifyToken(verified), claims);
      await refusedWith("access/bad-token", verifyToken({ ...verified, nodeKey: `0x${"5a".repeat(32)}` }));
      await refusedWith("access/bad-token", verifyToken({ ...verified, chainId: chainId + 1 }));
    });

    test("takes an answer to a challenge once", async () => {
      const gate = open();
      const proof = await stage.prove(stage.member, await gate.challenge(stage.member.account.address));
      await gate.enter(proof);
      await refusedWith("access/replayed", gate.enter(proof));
    });

    test("takes no answer to what another service, provider, domain or instance asked", async () => {
      const { otherServiceId: serviceId, otherProvider: provider } = stage;
      for (const setting of [{ serviceId }, { provider }, { domain: "other.example" }, {}]) {
        const challenge = await open(setting).challenge(stage.member.account.address);
        await refusedWith("access/bad-proof", open().enter(await stage.prove(stage.member, challenge, setting)));
      }
    });

    test("a wallet signs nothing for another service, provider or domain than it means to enter", async () => {
      const { otherServiceId: serviceId, otherProvider: provider } = stage;
      for (const setting of [{ serviceId }, { provider }, { domain: "other.example" }]) {
        const challenge = await open(setting).challenge(stage.member.account.address);
        await refusedWith("access/foreign-challenge", stage.prove(stage.member, challenge));
      }
      const challenge = await open().challenge(stage.member.account.address);
      await refusedWith("access/foreign-challenge", stage.prove(stage.stranger, challenge));
      const soon = () => Date.now() / 1000 + 3_600;
      await refusedWith(
        "access/foreign-challenge",
        stage.prove(stage.member, await open({ now: soon }).challenge(stage.member.account.address)),
      );
    });

    test("takes no answer in another's name, changed, late, or malformed", async () => {
      let now = Date.now() / 1000;
      const gate = open({ now: () => now });
      const proveAs = async (wallet: WriteClient) =>
        JSON.parse(await stage.prove(wallet, await gate.challenge(wallet.account.address)));
      const enterWith = (proof: unknown) => gate.enter(JSON.stringify(proof));
      const theirs = await proveAs(stage.stranger);
      const mine = await proveAs(stage.member);
      const asMember = { ...theirs.challenge, subject: stage.member.account.address };
      await refusedWith("access/bad-proof", enterWith({ ...theirs, challenge: asMember }));
      await refusedWith("access/bad-proof", enterWith({ ...mine, challenge: theirs.challenge }));
      await refusedWith("access/bad-proof", enterWith({ ...mine, signature: theirs.signature }));
      for (const junk of [null, 7, "x", {}, { ...mine, more: 1 }, { ...mine, challenge: 1 }]) {
        await refusedWith("access/bad-proof", enterWith(junk));
      }
      await refusedWith("access/bad-proof", gate.enter("{"));
      now += 301;
      await refusedWith("access/expired", enterWith(mine));
    });

    test("takes no token that its provider's key did not sign for it: none, HMAC with the public key, another's", async () => {
      const gate = open();
      const { token } = await enter(gate, stage.member);
      const payload = decodeJwt(token);
      const header = decodeProtectedHeader(token);
      const [, body, signature] = token.split(".");
      const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
      const publicKey = hexToBytes(nodeKeyOf(stage.nodeSeed));
      const forged = (key: Parameters<SignJWT["sign"]>[0], alg: string, changes = {}) =>
        new SignJWT({ ...payload, ...changes }).setProtectedHeader({ ...header, alg }).sign(key);
      const stranger = signingJwk(new Uint8Array(32).fill(9));
      const strangerKey = await importJWK(stranger, "EdDSA");
      const attempts = [
        `${encode({ ...header, alg: "none" })}.${body}.`,
        `${encode({ ...header, alg: "none" })}.${body}.${signature}`,
        await forged(publicKey, "HS256"),
        await forged(strangerKey, "EdDSA"),
        `${token.split(".")[0]}.${encode({ ...payload, exp: payload.exp! + 9_999 })}.${signature}`,
        // A key in the header is nobody's.
        await new SignJWT(payload)
          .setProtectedHeader({ ...header, alg: "EdDSA", jwk: verifyingJwk(nodeKeyOf(new Uint8Array(32).fill(9))) })
          .sign(strangerKey),
        "",
        "a.b.c",
      ];
      for (const attempt of attempts) await refusedWith("access/bad-token", gate.admit(attempt));
      const own = await importJWK(signingJwk(stage.nodeSeed), "EdDSA");
      const plainType = new SignJWT(payload).setProtectedHeader({ ...header, alg: "EdDSA", typ: "JWT" });
      await refusedWith("access/bad-token", gate.admit(await plainType.sign(own)));
      await refusedWith("access/bad-token", gate.admit(await forged(own, "EdDSA", { grants: [{ id: "0x" }] })));
      assert.equal((await gate.admit(await forged(own, "EdDSA"))).id, payload.jti);
    });

    test("takes no token of another audience or provider", async () => {
      const { token } = await enter(open(), stage.member);
      await refusedWith("access/bad-token", open({ serviceId: stage.otherServiceId }).admit(token));
      await refusedWith("access/bad-token", open({ provider: stage.otherProvider }).admit(token));
    });

    test("takes a token until it expires, give or take what clocks differ by", async () => {
      let now = Date.now() / 1000;
      const gate = open({ policy: policyOf({ tokenSeconds: 10 }), now: () => now });
      const { token } = await enter(gate, stage.member);
      now += 35;
      await gate.admit(token);
      now += 10;
      await refusedWith("access/expired", gate.admit(token));
    });

    test("lets a token for single use in once", async () => {
      const gate = open({ policy: policyOf({ singleUse: true }) });
      const { token } = await enter(gate, stage.member);
      await gate.verify(token);
      await gate.admit(token);
      await refusedWith("access/replayed", gate.admit(token));
    });

    test("a transaction takes access back from who is inside, and gives it again", async () => {
      const gate = open();
      const { token, claims } = await enter(gate, stage.member);
      await stage.leave();
      await refusedWith("access/refused", gate.recheck(claims));
      await refusedWith("access/refused", gate.admit(token));
      await refusedWith("access/refused", enter(gate, stage.member));
      await stage.join();
      await gate.recheck(claims);
      await gate.admit(token);
    });

    test("what nobody can tell lets nobody in, and neither does its opposite; what else is known decides", async () => {
      // No contract is there: nothing is answered.
      const untold: Condition = { type: "erc20", token: stage.stranger.account.address, atLeast: 0n };
      const not = (of: Condition): Condition => ({ type: "not", of });
      const [member, others] = [stage.condition, not(stage.condition)];
      const cases: [condition: Condition, member: boolean, stranger: boolean][] = [
        [untold, false, false],
        [not(untold), false, false],
        [{ type: "all", of: [member, not(untold)] }, false, false],
        [{ type: "any", of: [not(untold), member] }, true, false],
        [not({ type: "any", of: [untold, member] }), false, false],
        [not({ type: "all", of: [untold, member] }), false, true],
        [others, false, true],
        [not(others), true, false],
        [{ type: "all", of: [member, { type: "account", in: [stage.grantor.account.address] }] }, false, false],
        [{ type: "any", of: [{ type: "account", in: [stage.stranger.account.address] }, member] }, true, true],
      ];
      for (const [condition, letsMember, letsStranger] of cases) {
        const gate = open({ policy: policyOf({ condition }) });
        for (const [wallet, isLetIn] of [
          [stage.member, letsMember],
          [stage.stranger, letsStranger],
        ] as const) {
          const entering = enter(gate, wallet);
          if (isLetIn) await entering;
          else await refusedWith("access/refused", entering);
        }
      }
    });

    test("a grantor's signed grant lets in whom it names, until it expires", async () => {
      let now = Date.now() / 1000;
      const policy = policyOf({ condition: null, grantors: [stage.grantor.account.address] });
      const gate = open({ policy, now: () => now });
      const grant = await grantTo(stage.grantor, stage.stranger, { expiry: Math.floor(now) + 40 });
      const { claims } = await enter(gate, stage.stranger, [grant]);
      assert.equal(claims.expiry, grant.grant.expiry);
      await refusedWith("access/refused", enter(gate, stage.member, [grant]));
      await refusedWith("access/refused", enter(gate, stage.stranger, [await grantTo(stage.member, stage.stranger)]));
      const ahead = await grantTo(stage.grantor, stage.stranger, { notBefore: Math.floor(now) + 30 });
      await refusedWith("access/expired", enter(gate, stage.stranger, [ahead]));
      now += 41;
      await refusedWith("access/expired", gate.recheck(claims));
      await refusedWith("access/expired", enter(gate, stage.stranger, [grant]));
    });

    test("a grant counts at the services and providers that it names, and signed as it is", async () => {
      const policy = policyOf({ condition: null, grantors: [stage.grantor.account.address] });
      const gate = open({ policy });
      const { serviceId, otherServiceId, provider, otherProvider } = stage;
      const here = await grantTo(stage.grantor, stage.stranger, { serviceIds: [serviceId], providers: [provider] });
      await enter(gate, stage.stranger, [here]);
      for (const elsewhere of [{ serviceIds: [otherServiceId] }, { providers: [otherProvider] }]) {
        const grant = await grantTo(stage.grantor, stage.stranger, elsewhere);
        await refusedWith("access/refused", enter(gate, stage.stranger, [grant]));
      }
      const longer = { ...here, grant: { ...here.grant, expiry: here.grant.expiry + 1 } };
      await refusedWith("access/bad-grant", enter(gate, stage.stranger, [longer]));
      const { account } = stage.stranger;
      const foreign = { ...stage.deployment, chainId: stage.deployment.chainId + 1 };
      const otherMarket = await signGrant(stage.grantor, foreign, { subject: account.address, expiry: later() });
      await refusedWith("access/bad-grant", enter(gate, stage.stranger, [otherMarket]));
    });

    test("a sub-grant lets in when it is narrower than its parent in everything, and not otherwise", async () => {
      const { serviceId, otherServiceId, provider, otherProvider } = stage;
      const policy = policyOf({ condition: null, grantors: [stage.grantor.account.address] });
      const gate = open({ policy });
      const expiry = later();
      const root = await grantTo(stage.grantor, stage.member, {
        ...{ serviceIds: [serviceId], providers: [provider], notBefore: 1_000, expiry, maxCalls: 5, delegations: 1 },
      });
      const sub = await grantTo(stage.member, stage.stranger, { under: root, expiry: expiry - 1, maxCalls: 2 });
      const { claims } = await enter(gate, stage.stranger, [root, sub]);
      assert.equal(claims.grants.length, 2);

      const wider = [
        { serviceIds: [serviceId, otherServiceId] },
        { serviceIds: [] },
        { providers: [provider, otherProvider] },
        { providers: [] },
        { notBefore: 999 },
        { expiry: expiry + 1 },
        { maxCalls: 6 },
        { maxCalls: 0 },
        { delegations: 1 },
      ];
      for (const field of wider) {
        await refusedWith(
          "access/wider-grant",
          grantTo(stage.member, stage.stranger, { under: root, expiry, ...field }),
        );
        // Signed all the same, by hand.
        const forged = await signAsMember({ ...sub.grant, ...field });
        await refusedWith("access/wider-grant", enter(gate, stage.stranger, [root, forged]));
      }
      // In a third person's name, or without what it hangs below.
      await refusedWith("access/wider-grant", grantTo(stage.stranger, stage.stranger, { under: root, maxCalls: 1 }));
      await refusedWith("access/bad-grant", enter(gate, stage.stranger, [sub]));
      await refusedWith("access/bad-grant", enter(gate, stage.stranger, [sub, root]));
    });

    test("chains of grants end where their root says, and after four links at the latest", async () => {
      const policy = policyOf({ condition: null, grantors: [stage.grantor.account.address] });
      const gate = open({ policy });
      const chain = [await grantTo(stage.grantor, stage.member, { delegations: 9 })];
      const wallets = [stage.member, stage.stranger];
      for (let link = 1; link < 5; link++) {
        const [issuer, subject] = [wallets[(link + 1) % 2]!, wallets[link % 2]!];
        const above = chain.at(-1)!;
        chain.push(await grantTo(issuer, subject, { under: above, expiry: above.grant.expiry, delegations: 9 - link }));
        const entering = enter(gate, subject, chain);
        if (link < 4) await entering;
        else await refusedWith("access/bad-proof", entering);
      }
    });

    test("who meets the condition shares it as far as the policy allows, and while it meets it", async () => {
      const grant = await grantTo(stage.member, stage.stranger);
      await refusedWith("access/refused", enter(open(), stage.stranger, [grant]));
      const gate = open({ policy: policyOf({ delegations: 1 }) });
      const { claims } = await enter(gate, stage.stranger, [grant]);
      const deep = await grantTo(stage.member, stage.stranger, { delegations: 1 });
      await refusedWith("access/refused", enter(gate, stage.stranger, [deep]));
      await stage.leave();
      await refusedWith("access/refused", gate.recheck(claims));
      await stage.join();
      await gate.recheck(claims);
    });

    test("a signed revocation takes back a grant and all below it, from who is inside too; nobody else can", async () => {
      const { deployment, grantor, member, stranger } = stage;
      const gate = open({ policy: policyOf({ condition: null, grantors: [grantor.account.address] }) });
      const root = await grantTo(grantor, member, { delegations: 2 });
      const first = await grantTo(member, stranger, { under: root, expiry: root.grant.expiry, delegations: 1 });
      const second = await grantTo(member, stranger, { under: root, expiry: root.grant.expiry });
      const below = await grantTo(stranger, member, { under: first, expiry: root.grant.expiry });
      const inside = {
        root: await enter(gate, member, [root]),
        below: await enter(gate, member, [root, first, below]),
        second: await enter(gate, stranger, [root, second]),
      };
      await refusedWith("access/refused", gate.revoke(await signRevocation(stranger, deployment, [root, first])));
      const revocation = await signRevocation(member, deployment, [root, first]);
      const changed = (changes: object) => gate.revoke(JSON.stringify({ ...JSON.parse(revocation), ...changes }));
      await refusedWith("access/bad-proof", changed({ revoker: grantor.account.address }));
      const { grants } = JSON.parse(await signRevocation(member, deployment, [root, second]));
      await refusedWith("access/bad-proof", changed({ grants }));
      await gate.recheck(inside.below.claims);

      await gate.revoke(revocation);
      await refusedWith("access/revoked", gate.recheck(inside.below.claims));
      await refusedWith("access/revoked", gate.admit(inside.below.token));
      await refusedWith("access/revoked", enter(gate, member, [root, first, below]));
      await gate.recheck(inside.second.claims);
      await gate.recheck(inside.root.claims);

      await gate.revoke(await signRevocation(grantor, deployment, [root]));
      await refusedWith("access/revoked", gate.recheck(inside.second.claims));
      const junk = await grantTo(stranger, member);
      await refusedWith("access/refused", gate.revoke(await signRevocation(stranger, deployment, [junk])));
    });

    test("counts calls under a grant and all below it together", async () => {
      const { grantor, member, stranger } = stage;
      const gate = open({ policy: policyOf({ grantors: [grantor.account.address] }) });
      const root = await grantTo(grantor, member, { delegations: 1, maxCalls: 5 });
      const { expiry } = root.grant;
      const sub = await grantTo(member, stranger, { under: root, expiry, maxCalls: 3 });
      const { claims: above } = await enter(gate, member, [root]);
      const { claims: below } = await enter(gate, stranger, [root, sub]);
      const spent = (error: unknown) => isDemecError(error, "access/calls-used-up");
      for (let call = 0; call < 3; call++) gate.countCall(below);
      assert.throws(() => gate.countCall(below), spent);
      for (let call = 0; call < 2; call++) gate.countCall(above);
      assert.throws(() => gate.countCall(above), spent);
      const { claims: free } = await enter(gate, member);
      for (let call = 0; call < 9; call++) gate.countCall(free);
    });
  });
}
