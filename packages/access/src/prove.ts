import type { WriteClient } from "@demec/chain";
import { type Address, DemecError, type Hex, toJson } from "@demec/protocol";
import { signMessage, signTypedData } from "viem/actions";
import * as z from "zod/mini";
import {
  CHALLENGE_SECONDS,
  challengeSchema,
  loginTypedData,
  providerDomain,
  type SigningMethod,
  siweText,
} from "./challenge.ts";
import { parseJsonAs, signature } from "./fields.ts";
import type { Challenge } from "./gate.ts";
import { type Market, type SignedGrant, signedGrantSchema } from "./grant.ts";
import { MAX_LINKS } from "./grantChain.ts";

/** An answered challenge. */
export interface Proof {
  readonly challenge: Challenge;
  readonly method: SigningMethod;
  readonly signature: Hex;
  /** The grants that let the subject in, root first; none where it enters on its own account. */
  readonly grants: readonly SignedGrant[];
}

/** A proof as JSON says it. */
export const proofSchema: z.ZodMiniType<Proof> = z.strictObject({
  challenge: challengeSchema,
  method: z.enum(["siwe", "eip712"]),
  signature,
  grants: z.array(signedGrantSchema).check(z.maxLength(MAX_LINKS)),
});

export interface ProveParameters {
  readonly wallet: WriteClient;
  readonly market: Market;
  /** As it came: JSON. */
  readonly challenge: string;
  /** The service and the provider that it must be for. */
  readonly audience: string;
  readonly provider: Address;
  /** Authority that asks, where it isn't the provider's channel. */
  readonly domain?: string | undefined;
  readonly method?: SigningMethod | undefined;
  readonly grants?: readonly SignedGrant[] | undefined;
}

/** A provider's clock may differ by so much; seconds. */
const SKEW_SECONDS = 60;

/**
 * Answers a provider's challenge in the wallet's name.
 * @returns a proof for `AccessGate.enter`, in JSON
 * @throws access/foreign-challenge before anything is signed, when it asks for more than to enter this service there: a
 * provider could pass on what another one asks
 */
export async function prove(parameters: ProveParameters): Promise<string> {
  const { wallet, market, audience, provider, method = "siwe", grants = [] } = parameters;
  const challenge = parseJsonAs(challengeSchema, parameters.challenge, "access/foreign-challenge");
  const { account } = wallet;
  const expected = {
    subject: account.address,
    audience,
    provider,
    domain: parameters.domain ?? providerDomain(provider),
  };
  for (const [field, value] of Object.entries(expected)) {
    const actual = challenge[field as keyof typeof expected];
    if (actual.toLowerCase() === value.toLowerCase()) continue;
    throw new DemecError("access/foreign-challenge", `The challenge's ${field} is ${actual}, not ${value}.`, {
      details: { field, expected: value, actual },
    });
  }
  const nowSeconds = Date.now() / 1000;
  const { issuedAt, expiry } = challenge;
  if (
    expiry - issuedAt > CHALLENGE_SECONDS ||
    issuedAt > nowSeconds + SKEW_SECONDS ||
    expiry < nowSeconds - SKEW_SECONDS
  ) {
    throw new DemecError("access/foreign-challenge", `The challenge counts from ${issuedAt} to ${expiry}.`, {
      details: { issuedAt, expiry, nowSeconds },
    });
  }
  const signed =
    method === "siwe"
      ? await signMessage(wallet, { account, message: siweText(market, challenge) })
      : await signTypedData(wallet, { account, ...loginTypedData(market, challenge) });
  return toJson({ challenge, method, signature: signed, grants } satisfies Proof);
}
