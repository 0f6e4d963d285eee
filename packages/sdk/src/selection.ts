import type { Provider } from "@demec/chain";

/** An online provider of a service, as far as it can be known before money moves. */
export interface Candidate {
  readonly provider: Provider;
  /** Leading region segments shared with the caller's region: 0 none, 3 for eu-de-fra seen from eu-de-fra. */
  readonly regionDepth: number;
  /** Round trip to it, milliseconds; Infinity before it is measured. */
  readonly rttMs: number;
}

/** Orders candidates, best first; leaves out those that must not be used. */
export type SelectionPolicy = (candidates: readonly Candidate[]) => readonly Candidate[];

/** Nearest region first, then shortest round trip, then most stake. */
export const nearestFirst: SelectionPolicy = (candidates) =>
  [...candidates].sort(
    (left, right) =>
      right.regionDepth - left.regionDepth ||
      left.rttMs - right.rttMs ||
      (left.provider.staked < right.provider.staked ? 1 : left.provider.staked > right.provider.staked ? -1 : 0),
  );
