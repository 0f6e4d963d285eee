import type { Deployment, WriteClient } from "@demec/chain";
import { type Address, DemecError, eip712Domain, type Hex, toJson } from "@demec/protocol";
import { bytesToHex, hashTypedData } from "viem";
import { signTypedData } from "viem/actions";
import * as z from "zod/mini";
import { address, count, hash32, parseJsonAs, signature, uint256 } from "./fields.ts";

/** What one account allows another. A sub-grant is narrower than its parent in everything. */
export interface Grant {
  readonly issuer: Address;
  readonly subject: Address;
  /** Services of this market; none: all of them. */
  readonly serviceIds: readonly bigint[];
  /** Owner accounts of the providers at which it counts; none: all of them. */
  readonly providers: readonly Address[];
  /** Unix seconds. */
  readonly notBefore: number;
  /** Unix seconds; the first at which it counts no more. */
  readonly expiry: number;
  /** Calls that may be made under it and all its sub-grants together, at each provider; 0: any number. */
  readonly maxCalls: number;
  /** Links that may hang below it. */
  readonly delegations: number;
  /** Digest of the grant that it hangs below; zero: none. */
  readonly parent: Hex;
  /** Tells apart grants that say the same. */
  readonly nonce: Hex;
}

export interface SignedGrant {
  readonly grant: Grant;
  readonly signature: Hex;
}

export const NO_PARENT: Hex = `0x${"00".repeat(32)}`;

const TYPES = {
  AccessGrant: [
    { name: "issuer", type: "address" },
    { name: "subject", type: "address" },
    { name: "serviceIds", type: "uint256[]" },
    { name: "providers", type: "address[]" },
    { name: "notBefore", type: "uint64" },
    { name: "expiry", type: "uint64" },
    { name: "maxCalls", type: "uint64" },
    { name: "delegations", type: "uint8" },
    { name: "parent", type: "bytes32" },
    { name: "nonce", type: "bytes32" },
  ],
} as const;

/** A grant with its signature as JSON says it. */
export const signedGrantSchema: z.ZodMiniType<SignedGrant> = z.strictObject({
  grant: z.strictObject({
    issuer: address,
    subject: address,
    serviceIds: z.array(uint256).check(z.maxLength(256)),
    providers: z.array(address).check(z.maxLength(256)),
    notBefore: count,
    expiry: count,
    maxCalls: count,
    delegations: count.check(z.maximum(255)),
    parent: hash32,
    nonce: hash32,
  }),
  signature,
});

/** A chain of grants, root first, as its holder keeps it: JSON. */
export const formatGrants = (grants: readonly SignedGrant[]): string => toJson(grants);

/** Inverse of {@link formatGrants}. @throws access/bad-grant */
export function parseGrants(text: string): readonly SignedGrant[] {
  return parseJsonAs(z.array(signedGrantSchema), text, "access/bad-grant");
}

/** Market whose services are granted: the contract of their access tokens. */
export type Market = Pick<Deployment, "chainId" | "accessToken">;

/** The EIP-712 domain of everything that is signed about access to a market's services. */
export const accessDomain = ({ chainId, accessToken }: Market) =>
  eip712Domain({ chainId, verifyingContract: accessToken });

/** A grant as typed data. */
export function grantTypedData(market: Market, { notBefore, expiry, maxCalls, ...grant }: Grant) {
  return {
    domain: accessDomain(market),
    types: TYPES,
    primaryType: "AccessGrant",
    message: { ...grant, notBefore: BigInt(notBefore), expiry: BigInt(expiry), maxCalls: BigInt(maxCalls) },
  } as const;
}

/** EIP-712 digest of a grant: what is signed, and what names it. */
export function grantDigest(market: Market, grant: Grant): Hex {
  return hashTypedData(grantTypedData(market, grant));
}

/** What whoever grants has to say; the rest is the widest that the grant above it allows. */
export interface GrantParameters extends Partial<Omit<Grant, "issuer" | "parent" | "nonce">> {
  readonly subject: Address;
  /** Unix seconds. */
  readonly expiry: number;
  /** The grant that it hangs below. */
  readonly under?: SignedGrant | undefined;
}

/**
 * Makes and signs a grant in the wallet's name.
 * @throws access/wider-grant when it allows what the one above it does not
 */
export async function signGrant(
  wallet: WriteClient,
  market: Market,
  { under, ...parameters }: GrantParameters,
): Promise<SignedGrant> {
  const parent = under?.grant;
  const grant: Grant = {
    serviceIds: parent?.serviceIds ?? [],
    providers: parent?.providers ?? [],
    notBefore: parent?.notBefore ?? 0,
    maxCalls: parent?.maxCalls ?? 0,
    delegations: 0,
    ...parameters,
    issuer: wallet.account.address,
    parent: parent === undefined ? NO_PARENT : grantDigest(market, parent),
    nonce: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
  };
  if (parent !== undefined) assertNarrower(parent, grant);
  return {
    grant,
    signature: await signTypedData(wallet, { account: wallet.account, ...grantTypedData(market, grant) }),
  };
}

/** @throws access/wider-grant naming what a grant allows beyond the one above it */
export function assertNarrower(parent: Grant, child: Grant): void {
  const beyond = (field: keyof Grant) =>
    new DemecError(
      "access/wider-grant",
      `A grant's ${field} is ${String(child[field]) || "anything"}; the grant above it has ${String(parent[field]) || "anything"}.`,
      { details: { field, parent: parent[field], child: child[field] } },
    );
  if (!isSame(child.issuer, parent.subject)) throw beyond("issuer");
  if (!isWithin(child.serviceIds, parent.serviceIds)) throw beyond("serviceIds");
  if (!isWithin(child.providers.map(lower), parent.providers.map(lower))) throw beyond("providers");
  if (child.notBefore < parent.notBefore) throw beyond("notBefore");
  if (child.expiry > parent.expiry) throw beyond("expiry");
  if (parent.maxCalls > 0 && (child.maxCalls === 0 || child.maxCalls > parent.maxCalls)) throw beyond("maxCalls");
  if (child.delegations >= parent.delegations) throw beyond("delegations");
}

/** Lists that name nothing name everything. */
function isWithin<T>(part: readonly T[], whole: readonly T[]): boolean {
  return whole.length === 0 || (part.length > 0 && part.every((item) => whole.includes(item)));
}

const lower = (account: Address) => account.toLowerCase();
const isSame = (left: Address, right: Address) => lower(left) === lower(right);
