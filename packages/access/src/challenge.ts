import { type Address, DemecError, type Hex } from "@demec/protocol";
import { bytesToHex, hashMessage, hashTypedData } from "viem";
import { createSiweMessage } from "viem/siwe";
import * as z from "zod/mini";
import { formatDid } from "./did.ts";
import { address, count, serviceName } from "./fields.ts";
import type { Challenge } from "./gate.ts";
import { accessDomain, type Market } from "./grant.ts";

/** How long a challenge may be answered; seconds. */
export const CHALLENGE_SECONDS = 300;

/** How a challenge is signed: as a text that a person reads (EIP-4361), or as typed data. */
export type SigningMethod = "siwe" | "eip712";

/** A challenge as JSON says it. */
export const challengeSchema: z.ZodMiniType<Challenge> = z.strictObject({
  subject: address,
  audience: serviceName,
  provider: address,
  domain: z.string().check(z.maxLength(255)),
  nonce: z.string().check(z.regex(/^[0-9a-f]{96}$/)),
  issuedAt: count,
  expiry: count,
});

/** The authority in whose name a provider asks on its channel; an HTTP edge has its host. */
export function providerDomain(provider: Address): string {
  return `${provider.toLowerCase()}.demec`;
}

/** The text of a challenge, by EIP-4361: both sides make it from the challenge's fields, so nobody parses it. */
export function siweText(market: Market, challenge: Challenge): string {
  const { subject, audience, provider, domain, nonce, issuedAt, expiry } = challenge;
  return createSiweMessage({
    address: subject,
    chainId: market.chainId,
    domain,
    uri: formatDid(market.chainId, provider),
    version: "1",
    statement: "Use a service of this provider.",
    resources: [`urn:caip19:${audience}`],
    nonce,
    issuedAt: new Date(issuedAt * 1000),
    expirationTime: new Date(expiry * 1000),
  });
}

/** The same as typed data. */
export function loginTypedData(market: Market, { issuedAt, expiry, ...rest }: Challenge) {
  return {
    domain: accessDomain(market),
    types: {
      AccessLogin: [
        { name: "subject", type: "address" },
        { name: "audience", type: "string" },
        { name: "provider", type: "address" },
        { name: "domain", type: "string" },
        { name: "nonce", type: "string" },
        { name: "issuedAt", type: "uint64" },
        { name: "expiry", type: "uint64" },
      ],
    },
    primaryType: "AccessLogin",
    message: { ...rest, issuedAt: BigInt(issuedAt), expiry: BigInt(expiry) },
  } as const;
}

/** Digest that a signature of the challenge is over. */
export function challengeDigest(market: Market, challenge: Challenge, method: SigningMethod): Hex {
  return method === "siwe"
    ? hashMessage(siweText(market, challenge))
    : hashTypedData(loginTypedData(market, challenge));
}

/**
 * Makes challenges and knows its own again without remembering them: half of a nonce is random, half authenticates the
 * rest. Asking for challenges thus costs a gate nothing to keep.
 */
export class ChallengeMint {
  readonly #key: Promise<CryptoKey> = crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
    "verify",
  ]);

  async make(fields: Omit<Challenge, "nonce">): Promise<Challenge> {
    const random = bytesToHex(crypto.getRandomValues(new Uint8Array(16))).slice(2);
    const mac = await crypto.subtle.sign("HMAC", await this.#key, encode(fields, random));
    return { ...fields, nonce: random + bytesToHex(new Uint8Array(mac)).slice(2) };
  }

  /** @throws access/bad-proof unless it was made here */
  async assertOwn(challenge: Challenge): Promise<void> {
    const { nonce, ...fields } = challenge;
    const mac = Uint8Array.from(nonce.slice(32).match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    if (await crypto.subtle.verify("HMAC", await this.#key, mac, encode(fields, nonce.slice(0, 32)))) return;
    throw new DemecError("access/bad-proof", `Challenge ${nonce.slice(0, 32)} was not made by this gate.`);
  }
}

function encode(fields: Omit<Challenge, "nonce">, random: string): Uint8Array<ArrayBuffer> {
  const { subject, audience, provider, domain, issuedAt, expiry } = fields;
  return new TextEncoder().encode(
    JSON.stringify([random, subject.toLowerCase(), audience, provider.toLowerCase(), domain, issuedAt, expiry]),
  );
}
