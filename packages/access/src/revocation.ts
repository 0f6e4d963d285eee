import type { WriteClient } from "@demec/chain";
import { type Address, type Hex, toJson } from "@demec/protocol";
import { hashTypedData } from "viem";
import { signTypedData } from "viem/actions";
import * as z from "zod/mini";
import { address, signature } from "./fields.ts";
import { accessDomain, grantDigest, type Market, type SignedGrant, signedGrantSchema } from "./grant.ts";

/** Takes back a grant and all below it, in the name of who issued it or one above it. */
export interface Revocation {
  /** The chain down to the grant that is taken back: only what was really granted can be. */
  readonly grants: readonly SignedGrant[];
  readonly revoker: Address;
  readonly signature: Hex;
}

const TYPES = { AccessRevocation: [{ name: "grant", type: "bytes32" }] } as const;

/** A revocation as JSON says it. */
export const revocationSchema: z.ZodMiniType<Revocation> = z.strictObject({
  grants: z.array(signedGrantSchema).check(z.minLength(1)),
  revoker: address,
  signature,
});

const typedData = (market: Market, grant: Hex) =>
  ({ domain: accessDomain(market), types: TYPES, primaryType: "AccessRevocation", message: { grant } }) as const;

/** EIP-712 digest of the revocation of a grant. */
export function revocationDigest(market: Market, grantId: Hex): Hex {
  return hashTypedData(typedData(market, grantId));
}

/**
 * Signs the revocation of the last of these grants, root first, in the wallet's name.
 * @returns it for `AccessGate.revoke`, in JSON
 */
export async function signRevocation(
  wallet: WriteClient,
  market: Market,
  grants: readonly [...SignedGrant[], SignedGrant],
): Promise<string> {
  const id = grantDigest(market, grants.at(-1)!.grant);
  const signature = await signTypedData(wallet, { account: wallet.account, ...typedData(market, id) });
  return toJson({ grants, revoker: wallet.account.address, signature } satisfies Revocation);
}
