import type { ReadClient } from "@demec/chain";
import { type Address, DemecError, type Hex } from "@demec/protocol";
import { assertNarrower, type Grant, grantDigest, type Market, NO_PARENT, type SignedGrant } from "./grant.ts";
import { isSignedBy } from "./signatures.ts";

/** Links of a chain of grants at most, whatever its root allows: each costs a look at the chain. */
export const MAX_LINKS = 4;

/** A grant whose signature holds. */
export interface Link {
  readonly id: Hex;
  readonly grant: Grant;
}

/**
 * Checks grants that hang below each other, root first: each signed by its issuer, narrower than the one above it.
 * Whether the root's issuer has anything to grant is for the gate to say.
 * @throws access/bad-grant, access/wider-grant; chain/rpc
 */
export async function verifyChain(
  client: ReadClient,
  market: Market,
  signed: readonly SignedGrant[],
): Promise<readonly [Link, ...Link[]]> {
  const refuse = (what: string) => new DemecError("access/bad-grant", what, { details: { links: signed.length } });
  if (signed.length === 0 || signed.length > MAX_LINKS) {
    throw refuse(`A chain of ${signed.length} grants came; 1 … ${MAX_LINKS} are taken.`);
  }
  const links = signed.map(({ grant }) => ({ grant, id: grantDigest(market, grant) }));
  let above: Link | undefined;
  for (const link of links) {
    if (link.grant.parent !== (above?.id ?? NO_PARENT)) {
      throw refuse(`Grant ${link.id} hangs below ${link.grant.parent}, not below the grant before it.`);
    }
    if (above !== undefined) assertNarrower(above.grant, link.grant);
    above = link;
  }
  const valid = await Promise.all(
    links.map(({ id, grant }, i) =>
      isSignedBy(client, { account: grant.issuer, digest: id, signature: signed[i]!.signature }),
    ),
  );
  const unsigned = links[valid.indexOf(false)];
  if (unsigned !== undefined)
    throw refuse(`Grant ${unsigned.id} is not signed by its issuer ${unsigned.grant.issuer}.`);
  return links as [Link, ...Link[]];
}

/** @throws access/refused when a grant is not for this service and provider; access/expired outside its time */
export function assertCovers(
  grant: Grant,
  { serviceId, provider, nowSeconds }: { serviceId: bigint; provider: Address; nowSeconds: number },
): void {
  const isFor = <T>(list: readonly T[], item: T) => list.length === 0 || list.includes(item);
  const providers = grant.providers.map((owner) => owner.toLowerCase());
  if (!isFor(grant.serviceIds, serviceId) || !isFor(providers, provider.toLowerCase())) {
    throw new DemecError(
      "access/refused",
      `The grant of ${grant.issuer} is not for service ${serviceId} at ${provider}.`,
      {
        details: { serviceId, provider, serviceIds: grant.serviceIds, providers: grant.providers },
      },
    );
  }
  if (nowSeconds < grant.notBefore || nowSeconds >= grant.expiry) {
    throw new DemecError(
      "access/expired",
      `The grant of ${grant.issuer} counts from ${grant.notBefore} to ${grant.expiry}; it is ${nowSeconds}.`,
      { details: { notBefore: grant.notBefore, expiry: grant.expiry, nowSeconds } },
    );
  }
}
