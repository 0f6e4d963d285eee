import { Option } from "commander";
import { type Address, getAddress, isAddress } from "viem";
import { readBytes } from "./config.ts";
import { badOption } from "./errors.ts";

/** An option that may be given more than once: all its values, in order. */
export function repeatable(flags: string, what: string): Option {
  return new Option(flags, what).argParser((value: string, all: readonly string[]) => [...all, value]).default([]);
}

/** An address in lower case, or with the checksum of ERC-55, which must be right. @throws cli/bad-option */
export function parseAccount(name: string, text: string): Address {
  if (!isAddress(text)) throw badOption(`${name} "${text}" is no account.`, { name, text });
  return getAddress(text);
}

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** A time such as `30d`, `12h`, `15m` or `90s`, in seconds. @throws cli/bad-option */
export function parseDuration(name: string, text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === undefined)
    throw badOption(`${name} "${text}" is not of the form 30d, 12h, 15m or 90s.`, { name, text });
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

/** @throws cli/bad-option */
export function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badOption(`${name} is not JSON.`, { name }, cause);
  }
}

/** A file of JSON, such as a policy. @throws cli/bad-option */
export function readJson(what: string, path: string): unknown {
  return parseJson(`${what} ${path}`, new TextDecoder().decode(readBytes(what, path)));
}
