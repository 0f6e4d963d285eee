// Numbers as people read them. What is shown is cut, never rounded up: nobody is shown more than there is.
import type { Address, ServiceMetadata } from "@demec/protocol";
import { formatUnits, isAddress, parseUnits } from "viem";

export const CREDIT = 10n ** 18n;
/** Groups of three stand apart by a thin space that no line breaks at. */
const THIN = "\u202f";

const group = (digits: string) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);

/**
 * An amount of base units, cut to at most `places` decimals, at least `least`.
 * Amounts that would be cut to nothing show that there is something: "< 0.000001".
 */
export function formatAmount(value: bigint, decimals: number, places: number, least = 0): string {
  const sign = value < 0n ? "−" : "";
  const [whole = "0", fraction = ""] = formatUnits(value < 0n ? -value : value, decimals).split(".");
  const cut = fraction.slice(0, places).replace(/0+$/, "").padEnd(least, "0");
  if (value !== 0n && whole === "0" && /^0*$/.test(cut)) return `${sign}<${THIN}0.${"0".repeat(places - 1)}1`;
  return `${sign}${group(whole)}${cut === "" ? "" : `.${cut}`}`;
}

/** Decimals that matter at this size: 4 significant digits, but never fewer than two decimals below a thousand. */
function placesFor(value: bigint, decimals: number): number {
  const size = (value < 0n ? -value : value).toString().length - decimals;
  return size > 3 ? 0 : size > 0 ? 4 - Math.min(size, 2) : Math.min(decimals, 4 - size);
}

/** Credits, 18 decimals. */
export const formatCredits = (credits: bigint): string => formatAmount(credits, 18, 6);

/** Money, all of its decimals down to a millionth. */
export const formatMoney = (amount: bigint, decimals: number): string =>
  formatAmount(amount, decimals, Math.min(decimals, 6), 2);

/** A price per whole credit × 1e18, to about four significant digits. */
export const formatPrice = (priceWad: bigint, decimals: number): string => formatSmall(priceWad, decimals + 18);

/** An amount that may be far smaller than a base unit of money, to about four significant digits. */
export const formatSmall = (value: bigint, decimals: number): string =>
  formatAmount(value, decimals, placesFor(value, decimals), 2);

/** Basis points as a percentage. */
export const formatBps = (bps: number): string => `${bps / 100}${THIN}%`;

export const formatCount = (count: number | bigint): string => group(String(count));

export const shortHex = (hex: string): string => (hex.length > 14 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex);

/** Seconds as the largest units that say it well. */
export function formatDuration(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0 seconds";
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes}${THIN}B`;
  const units = ["kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  return `${(bytes / 1000 ** power).toFixed(1)}${THIN}${units[power - 1]}`;
}

/** What somebody typed, in base units; null while it is no number that fits. */
export function parseAmount(text: string, decimals: number): bigint | null {
  const clean = text.replaceAll(/[\s\u202f_]/g, "").replace(",", ".");
  const match = /^(\d*)(?:\.(\d*))?$/.exec(clean);
  if (match === null || clean === "" || clean === "." || (match[2]?.length ?? 0) > decimals) return null;
  return parseUnits(clean.endsWith(".") ? clean.slice(0, -1) : clean, decimals);
}

/** An amount as it stands in a field: all of it, without groups. */
export const plainAmount = (value: bigint, decimals: number): string => formatUnits(value, decimals);

/** Whether somebody typed an account, in capitals or not. */
export const isAccount = (text: string): text is Address => isAddress(text, { strict: false });

/** What a service is called: its number where its publisher has given it no name. */
export const serviceTitle = (serviceId: bigint, metadata: ServiceMetadata | undefined): string =>
  metadata?.name || `Service ${serviceId}`;
