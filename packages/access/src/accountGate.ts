import type { Deployment, ReadClient } from "@demec/chain";
import { type Address, DemecError, formatServiceName, type Hex, toJson } from "@demec/protocol";
import { CHALLENGE_SECONDS, ChallengeMint, challengeDigest, providerDomain } from "./challenge.ts";
import { parseJsonAs } from "./fields.ts";
import type { AccessGate, ClaimedGrant, Claims, Entrance } from "./gate.ts";
import { assertCovers, type Link, verifyChain } from "./grantChain.ts";
import { chainOracle, type Oracle } from "./holds.ts";
import { nodeKeyOf } from "./nodeKeys.ts";
import type { GatePolicy } from "./policy.ts";
import { proofSchema } from "./prove.ts";
import { revocationDigest, revocationSchema } from "./revocation.ts";
import { isSignedBy } from "./signatures.ts";
import type { AccessStore } from "./store.ts";
import { randomTokenId, SKEW_SECONDS, signToken, verifyToken } from "./tokens.ts";

export interface AccountGateOptions {
  readonly client: ReadClient;
  readonly deployment: Deployment;
  /** Owner account of the provider. */
  readonly provider: Address;
  readonly serviceId: bigint;
  readonly policy: GatePolicy;
  /** 32 bytes that the provider's node key comes from. */
  readonly nodeSeed: Uint8Array;
  readonly store: AccessStore;
  /** Who says whether conditions hold; the chain by default. */
  readonly oracle?: Oracle | undefined;
  /** Authority that asks, where it isn't the provider's channel. */
  readonly domain?: string | undefined;
  /** Unix seconds; this machine's clock by default. */
  readonly now?: (() => number) | undefined;
}

/** The default gate: accounts sign in with their wallet, facts on chain and signed grants let them in. */
export class AccountGate implements AccessGate {
  readonly #options: AccountGateOptions;
  readonly #audience: string;
  readonly #oracle: Oracle;
  readonly #now: () => number;
  readonly #mint = new ChallengeMint();
  readonly #nodeKey: Hex;

  constructor(options: AccountGateOptions) {
    const { client, deployment, serviceId, nodeSeed } = options;
    this.#options = options;
    this.#audience = formatServiceName({ ...deployment, serviceId });
    this.#oracle = options.oracle ?? chainOracle(client, deployment);
    this.#now = options.now ?? (() => Date.now() / 1000);
    this.#nodeKey = nodeKeyOf(nodeSeed);
  }

  async challenge(subject: Address): Promise<string> {
    const { provider, domain = providerDomain(provider) } = this.#options;
    const issuedAt = Math.floor(this.#now());
    const expiry = issuedAt + CHALLENGE_SECONDS;
    return toJson(await this.#mint.make({ subject, audience: this.#audience, provider, domain, issuedAt, expiry }));
  }

  async enter(proof: string): Promise<Entrance> {
    const { client, deployment, store, policy, nodeSeed, provider } = this.#options;
    const { challenge, method, signature, grants } = parseJsonAs(proofSchema, proof, "access/bad-proof");
    const { subject, nonce, expiry: answerBy } = challenge;
    await this.#mint.assertOwn(challenge);
    if (this.#now() >= answerBy) throw expired(`The challenge was to be answered before ${answerBy}.`);
    const digest = challengeDigest(deployment, challenge, method);
    if (!(await isSignedBy(client, { account: subject, digest, signature }))) {
      throw new DemecError("access/bad-proof", `The challenge is not signed by ${subject}.`, { details: { subject } });
    }
    if (!(await store.mark(`challenge:${nonce}`, answerBy))) throw replayed("challenge", nonce);

    const links = grants.length === 0 ? [] : await verifyChain(client, deployment, grants);
    this.#assertFor(subject, links);
    const claimed = links.map(claimOf);
    await this.#assertEntitled(subject, claimed);
    const issuedAt = Math.floor(this.#now());
    const claims: Claims = {
      ...{ id: randomTokenId(), subject, audience: this.#audience, provider, issuedAt },
      expiry: Math.min(issuedAt + policy.tokenSeconds, ...claimed.map(({ expiry }) => expiry)),
      once: policy.singleUse,
      grants: claimed,
    };
    return { token: await signToken(nodeSeed, deployment.chainId, claims), claims };
  }

  verify(token: string): Promise<Claims> {
    const { provider, deployment } = this.#options;
    const issuer = { nodeKey: this.#nodeKey, provider, chainId: deployment.chainId };
    return verifyToken({ token, ...issuer, audience: this.#audience, nowSeconds: this.#now() });
  }

  recheck({ subject, grants }: Claims): Promise<void> {
    return this.#assertEntitled(subject, grants);
  }

  async admit(token: string): Promise<Claims> {
    const claims = await this.verify(token);
    await this.recheck(claims);
    const { id, once, expiry } = claims;
    if (once && !(await this.#options.store.mark(`token:${id}`, expiry + SKEW_SECONDS))) throw replayed("token", id);
    return claims;
  }

  async revoke(revocation: string): Promise<void> {
    const { client, deployment, store } = this.#options;
    const { grants, revoker, signature } = parseJsonAs(revocationSchema, revocation, "access/bad-proof");
    const links = await verifyChain(client, deployment, grants);
    const { id, grant } = links.at(-1)!;
    await this.#assertRoot(claimOf(links[0]));
    if (!links.some((link) => isSame(link.grant.issuer, revoker))) {
      throw new DemecError("access/refused", `${revoker} issued neither grant ${id} nor one above it.`, {
        details: { revoker, grant: id },
      });
    }
    const digest = revocationDigest(deployment, id);
    if (!(await isSignedBy(client, { account: revoker, digest, signature }))) {
      throw new DemecError("access/bad-proof", `The revocation is not signed by ${revoker}.`, { details: { revoker } });
    }
    await store.mark(`revoked:${id}`, grant.expiry + SKEW_SECONDS);
  }

  countCall({ grants }: Claims): void {
    const bounded = grants.filter(({ maxCalls }) => maxCalls > 0);
    if (bounded.length === 0) return;
    const names = bounded.map(({ id, maxCalls, expiry }) => ({ name: `calls:${id}`, most: maxCalls, until: expiry }));
    const full = this.#options.store.count(names);
    if (full === null) return;
    const used = bounded.find(({ id }) => full.endsWith(id))!;
    throw new DemecError("access/calls-used-up", `The ${used.maxCalls} calls of grant ${used.id} are used up.`, {
      details: { grant: used.id, maxCalls: used.maxCalls },
    });
  }

  /** The grants are for this service, here and now, and the last is the subject's. */
  #assertFor(subject: Address, links: readonly Link[]): void {
    const { provider, serviceId } = this.#options;
    const nowSeconds = this.#now();
    for (const { grant } of links) assertCovers(grant, { serviceId, provider, nowSeconds });
    const last = links.at(-1)?.grant;
    if (last !== undefined && !isSame(last.subject, subject)) {
      throw new DemecError("access/refused", `The grant is for ${last.subject}, not for ${subject}.`, {
        details: { expected: last.subject, actual: subject },
      });
    }
  }

  async #assertEntitled(subject: Address, grants: readonly ClaimedGrant[]): Promise<void> {
    const { store } = this.#options;
    const [root] = grants;
    if (root === undefined) return this.#assertHolds(subject);
    for (const { id, expiry } of grants) {
      if (this.#now() >= expiry) throw expired(`Grant ${id} counted until ${expiry}.`);
      if (store.isMarked(`revoked:${id}`)) {
        throw new DemecError("access/revoked", `Grant ${id} was taken back.`, { details: { grant: id } });
      }
    }
    await this.#assertRoot(root);
  }

  /** Who gave the first of the grants has something to give. */
  async #assertRoot({ issuer, delegations }: ClaimedGrant): Promise<void> {
    const { policy } = this.#options;
    if (policy.grantors.some((grantor) => isSame(grantor, issuer))) return;
    if (delegations >= policy.delegations) {
      throw new DemecError("access/refused", `Account ${issuer} may not grant access here.`, {
        details: { issuer, delegations, allowed: policy.delegations },
      });
    }
    await this.#assertHolds(issuer);
  }

  async #assertHolds(account: Address): Promise<void> {
    const { policy, serviceId, provider } = this.#options;
    const { condition } = policy;
    if (condition !== null && (await this.#oracle(condition, { account, serviceId, provider }))) return;
    throw new DemecError("access/refused", `Account ${account} does not meet the condition of ${this.#audience}.`, {
      details: { account, condition },
    });
  }
}

function claimOf({ id, grant: { issuer, maxCalls, delegations, expiry } }: Link): ClaimedGrant {
  return { id, issuer, maxCalls, delegations, expiry };
}

const expired = (what: string) => new DemecError("access/expired", what);

function replayed(kind: string, name: string): DemecError {
  return new DemecError("access/replayed", `This ${kind} was used before: ${name}.`, { details: { kind, name } });
}

function isSame(left: Address, right: Address): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
