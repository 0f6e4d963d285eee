import { type Address, DemecError, type Hex } from "@demec/protocol";
import { errors, importJWK, jwtVerify, SignJWT } from "jose";
import { bytesToHex } from "viem";
import * as z from "zod/mini";
import { accountOfDid, formatDid } from "./did.ts";
import { address, count, hash32, parseAs } from "./fields.ts";
import type { Claims } from "./gate.ts";
import { nodeKeyOf, signingJwk, verifyingJwk } from "./nodeKeys.ts";

// Tokens are signed by the provider's node key: whoever wants to verify one reads the key from the chain, and nothing
// else is published. Their type keeps them apart from everything else that this key signs.

const ALGORITHM = "EdDSA";
const TYPE = "demec-access+jwt";
/** What the clocks of issuer and verifier may differ by; seconds. */
export const SKEW_SECONDS = 30;

const ownClaims = z.object({
  once: z.boolean(),
  grants: z.array(z.strictObject({ id: hash32, issuer: address, maxCalls: count, delegations: count, expiry: count })),
});

/** A token that says these claims, signed by the node key of a seed of 32 bytes. */
export async function signToken(nodeSeed: Uint8Array, chainId: number, claims: Claims): Promise<string> {
  const { id, subject, audience, provider, issuedAt, expiry, once, grants } = claims;
  return new SignJWT({ once, grants })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: nodeKeyOf(nodeSeed) })
    .setJti(id)
    .setSubject(formatDid(chainId, subject))
    .setAudience(audience)
    .setIssuer(formatDid(chainId, provider))
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiry)
    .sign(await importJWK(signingJwk(nodeSeed), ALGORITHM));
}

export interface VerifyTokenParameters {
  readonly token: string;
  /** Node key of the provider, as the chain has it. */
  readonly nodeKey: Hex;
  readonly chainId: number;
  /** The service's name. */
  readonly audience: string;
  /** Owner account of the provider that issued it. */
  readonly provider: Address;
  /** Unix seconds. */
  readonly nowSeconds: number;
}

/**
 * What a token says. Only EdDSA under the given key is accepted, whatever the token's own header asks for.
 * @throws access/expired, access/bad-token
 */
export async function verifyToken(parameters: VerifyTokenParameters): Promise<Claims> {
  const { token, nodeKey, chainId, audience, provider, nowSeconds } = parameters;
  const key = await importJWK(verifyingJwk(nodeKey), ALGORITHM);
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      audience,
      issuer: formatDid(chainId, provider),
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(nowSeconds * 1000),
      requiredClaims: ["exp", "iat", "jti", "sub"],
    });
    const { jti, sub, iat, exp } = payload;
    const { once, grants } = parseAs(ownClaims, payload, "access/bad-token");
    return {
      ...{ id: jti!, subject: accountOfDid(chainId, sub), audience, provider },
      ...{ issuedAt: iat!, expiry: exp!, once, grants },
    };
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) {
      throw new DemecError("access/expired", `The token expired at ${cause.payload.exp}; it is ${nowSeconds}.`, {
        cause,
      });
    }
    if (cause instanceof errors.JOSEError) {
      throw new DemecError(
        "access/bad-token",
        `The token is not one of ${provider} for ${audience}: ${cause.message}.`,
        {
          cause,
          details: { audience, provider },
        },
      );
    }
    throw cause;
  }
}

/** A name that nobody can guess, for a token. */
export const randomTokenId = () => bytesToHex(crypto.getRandomValues(new Uint8Array(16))).slice(2);
