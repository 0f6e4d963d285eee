import type { Address, Hex } from "@demec/protocol";

/** What an account is asked to sign, for one service at one provider. */
export interface Challenge {
  readonly subject: Address;
  /** The service's name. */
  readonly audience: string;
  /** Owner account of the provider that asks. */
  readonly provider: Address;
  /** Authority that asks, as sign-in messages name it; see `providerDomain`. */
  readonly domain: string;
  readonly nonce: string;
  /** Unix seconds. */
  readonly issuedAt: number;
  readonly expiry: number;
}

/** A grant that a token rests on, as far as it is asked about later. */
export interface ClaimedGrant {
  readonly id: Hex;
  readonly issuer: Address;
  /** 0: any number. */
  readonly maxCalls: number;
  readonly delegations: number;
  /** Unix seconds. */
  readonly expiry: number;
}

/** What a token says. */
export interface Claims {
  readonly id: string;
  readonly subject: Address;
  /** The service's name. */
  readonly audience: string;
  /** Owner account of the provider that issued it. */
  readonly provider: Address;
  /** Unix seconds. */
  readonly issuedAt: number;
  readonly expiry: number;
  /** It opens one door once. */
  readonly once: boolean;
  /** Root first; empty where the subject is let in on its own account. */
  readonly grants: readonly ClaimedGrant[];
}

export interface Entrance {
  /** JWT. */
  readonly token: string;
  readonly claims: Claims;
}

/**
 * Decides who may call one service at one provider: challenge → signed message → short-lived token → claims. What
 * strangers say to each other on the way is JSON.
 */
export interface AccessGate {
  /** What the subject is to answer. */
  challenge(subject: Address): Promise<string>;
  /**
   * The token for an answered challenge.
   * @throws access/bad-proof, access/replayed, access/expired, access/refused, access/revoked, access/bad-grant, access/wider-grant
   */
  enter(proof: string): Promise<Entrance>;
  /** What a token says, if it is one of this gate and in its time. @throws access/bad-token, access/expired */
  verify(token: string): Promise<Claims>;
  /** Whether what a token rests on still holds. @throws access/refused, access/revoked, access/expired; chain/rpc */
  recheck(claims: Claims): Promise<void>;
  /** Lets a token's bearer in: both of the above, and a token for single use is used. @throws access/replayed */
  admit(token: string): Promise<Claims>;
  /** Takes a grant back, on the word of who gave it. @throws access/bad-proof, access/bad-grant, access/refused */
  revoke(revocation: string): Promise<void>;
  /** Counts one call under every grant of a token. @throws access/calls-used-up */
  countCall(claims: Claims): void;
}
