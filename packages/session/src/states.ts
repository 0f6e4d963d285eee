import {
  type Address,
  DemecError,
  type Hex,
  type NewestStates,
  recoverSigner,
  type SessionState,
  type SignedState,
  signDigest,
  typedDataDigest,
} from "@demec/protocol";
import type { SessionTerms } from "./terms.ts";

/** Signs a 32-byte digest: with a key in memory, or by asking whoever holds it. */
export type Signer = (digest: Hex) => Hex;

const KEY_CHECK: Hex = `0x${"5e55".repeat(16)}`;

/**
 * The signer of one side, checked to be the one that the session committed to.
 * @throws session/wrong-key naming both addresses
 */
export function signerOf(expected: Address, key: Hex | Signer): Signer {
  const sign: Signer = typeof key === "string" ? (digest) => signDigest(key, digest) : key;
  const actual = recoverSigner(KEY_CHECK, sign(KEY_CHECK));
  if (actual.toLowerCase() !== expected.toLowerCase()) {
    throw new DemecError("session/wrong-key", `The key's address is ${actual}; the session names ${expected}.`, {
      details: { expected, actual },
    });
  }
  return sign;
}

export function stateDigest(terms: SessionTerms, state: SessionState): Hex {
  return typedDataDigest(terms.domain, "SessionState", state);
}

/** Whether `address` signed `state`; false as well for values that no state can have. */
export function hasSigned(
  terms: SessionTerms,
  address: Address,
  state: SessionState,
  signature: Hex | null | undefined,
): boolean {
  if (signature === null || signature === undefined) return false;
  try {
    return recoverSigner(stateDigest(terms, state), signature).toLowerCase() === address.toLowerCase();
  } catch {
    return false;
  }
}

export function sameState(a: SessionState, b: SessionState): boolean {
  return (
    a.seq === b.seq &&
    a.creditsUsed === b.creditsUsed &&
    a.invocations === b.invocations &&
    a.breaches === b.breaches &&
    a.isFinal === b.isFinal &&
    a.receiptsRoot.toLowerCase() === b.receiptsRoot.toLowerCase() &&
    a.sessionId.toLowerCase() === b.sessionId.toLowerCase()
  );
}

/** What the other side's newest states, shown on attaching, mean for this side. */
export type Comparison =
  /** Nothing to learn. */
  | { readonly type: "even" }
  /** Provider only: the buyer had signed the outstanding proposal. */
  | { readonly type: "accepted"; readonly sessionKeySig: Hex }
  /** A valid state beyond what this side's journal explains: this side was rolled back. */
  | { readonly type: "ahead"; readonly signed: SignedState }
  /** The other side shows less than it signed, or another state under the same number: it was rolled back. */
  | { readonly type: "rolledBack"; readonly message: string }
  /** Signatures that don't hold. */
  | { readonly type: "forged"; readonly message: string };

/**
 * @param proposal provider: its outstanding proposal
 * @param halfCounts buyer: a half-signed state of the other side proves that it remembers its signature
 */
export function compareNewest(
  terms: SessionTerms,
  ours: SignedState | null,
  theirs: NewestStates,
  role: { readonly proposal?: SessionState | undefined; readonly halfCounts: boolean },
): Comparison {
  const full = theirs.full;
  const ourSeq = ours?.state.seq ?? 0n;
  const theirSeq = full?.state.seq ?? 0n;
  if (ours !== null && (full === null || theirSeq < ourSeq)) {
    if (role.halfCounts && theirs.half !== null && sameState(theirs.half.state, ours.state)) return { type: "even" };
    return { type: "rolledBack", message: `The other side's newest state is ${theirSeq}, but it signed ${ourSeq}.` };
  }
  if (full === null || (ours !== null && sameState(full.state, ours.state))) return { type: "even" };
  const forged = { type: "forged", message: `State ${theirSeq} doesn't carry both signatures.` } as const;
  if (role.proposal !== undefined && sameState(full.state, role.proposal)) {
    return hasSigned(terms, terms.sessionKey, full.state, full.sessionKeySig)
      ? { type: "accepted", sessionKeySig: full.sessionKeySig! }
      : forged;
  }
  if (
    full.state.sessionId.toLowerCase() !== terms.sessionId.toLowerCase() ||
    !hasSigned(terms, terms.operator, full.state, full.operatorSig) ||
    !hasSigned(terms, terms.sessionKey, full.state, full.sessionKeySig)
  ) {
    return forged;
  }
  if (theirSeq === ourSeq) return { type: "rolledBack", message: `Two different states carry the number ${ourSeq}.` };
  return { type: "ahead", signed: full };
}
