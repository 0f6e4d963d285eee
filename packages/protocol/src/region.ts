import { DemecError } from "./errors.ts";

/** Longest region path in characters. */
export const MAX_REGION_LENGTH = 64;
const REGION = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * Segments of a region path, coarse to fine: "eu-de-fra" → eu, de, fra.
 * @throws protocol/bad-region for anything but lower-case letters and digits in segments joined by '-'
 */
export function parseRegion(region: string): string[] {
  if (region.length > MAX_REGION_LENGTH || !REGION.test(region)) {
    throw new DemecError("protocol/bad-region", `"${region}" is not a region path.`, { details: { region } });
  }
  return region.split("-");
}

/** All regions that contain this one, itself last: "eu-de-fra" → eu, eu-de, eu-de-fra. @throws protocol/bad-region */
export function regionPrefixes(region: string): string[] {
  const segments = parseRegion(region);
  return segments.map((_, i) => segments.slice(0, i + 1).join("-"));
}

/** Whether `region` lies in `prefix` (or is it): by whole segments, so that "eu-de" does not contain "eu-den". */
export function isInRegion(region: string, prefix: string): boolean {
  return regionPrefixes(region).includes(prefix);
}
