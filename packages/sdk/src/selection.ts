import type { Provider } from "@demec/chain";
import type { AdvertisedService } from "@demec/protocol";
import type { Experience } from "./providerHistory.ts";

/** An online provider of a service, as far as it can be known before money moves. */
export interface Candidate {
  readonly provider: Provider;
  /** Leading region segments shared with the caller's region: 0 none, 3 for eu-de-fra seen from eu-de-fra. */
  readonly regionDepth: number;
  /** Round trip to it, milliseconds; Infinity before it is measured. */
  readonly rttMs: number;
  /** What it says of itself: its least price, its bond, the room it has; null: nothing was found. */
  readonly advert: AdvertisedService | null;
  /** It says that it runs in a browser's tab. */
  readonly inBrowser: boolean;
  readonly experience: Experience;
}

/**
 * Orders candidates, best first; leaves out those that must not be used. Pure: it is asked before connecting, to choose
 * whom to connect to, and again once round trips are measured.
 */
export type SelectionPolicy = (candidates: readonly Candidate[]) => readonly Candidate[];

/** Round trip assumed before one is measured, by shared region segments: none, continent, country, city. */
const ASSUMED_RTT_MS = [250, 80, 40, 20];
/** What a failed call costs its caller: about the time until another provider has answered. */
const FAILURE_MS = 1_000;
/** What each doubling of a provider's own stake is worth. */
const STAKE_MS = 2;
const ONE_TOKEN = 10 ** 18;

/**
 * The default policy: least expected time to a result, in milliseconds,
 *
 *   rtt + 1,000 · p(failure) − 2 · log2(1 + own stake in whole tokens)
 *
 * where p(failure) = (faults + 1) / (successes + faults + 8) of this client's own experience. All providers of a service
 * sell at the price of its curve, so what is left of price is the bond: of equals, the higher bond comes first.
 */
export const balanced: SelectionPolicy = (candidates) =>
  candidates
    .map((candidate) => ({ candidate, ms: expectedMs(candidate), bond: candidate.advert?.bondPerCredit ?? 0n }))
    .sort((left, right) => left.ms - right.ms || Number(right.bond - left.bond))
    .map(({ candidate }) => candidate);

/** The nearest region before anything else, and `balanced` among equals: for callers whose data must stay close. */
export const nearestFirst: SelectionPolicy = (candidates) =>
  balanced(candidates).toSorted((left, right) => right.regionDepth - left.regionDepth);

function expectedMs({ provider, regionDepth, rttMs, experience }: Candidate): number {
  const { successes, faults } = experience;
  const assumedMs = ASSUMED_RTT_MS[Math.min(regionDepth, ASSUMED_RTT_MS.length - 1)]!;
  const failure = (faults + 1) / (successes + faults + 8);
  const stake = Math.log2(1 + Number(provider.staked) / ONE_TOKEN);
  return (Number.isFinite(rttMs) ? rttMs : assumedMs) + FAILURE_MS * failure - STAKE_MS * stake;
}
