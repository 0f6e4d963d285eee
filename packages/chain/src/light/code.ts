import { type Address, DemecError, type Hex } from "@demec/protocol";
import {
  bytesToHex,
  concat,
  domainSeparator,
  hexToBytes,
  isHex,
  keccak256,
  numberToHex,
  pad,
  size,
  stringToHex,
} from "viem";
import type { Deployment } from "../addresses.ts";

/** Code that a contract was compiled to, but for what its constructor fills in. */
export interface ContractCode {
  /** Of the code with zeros where its immutables go. */
  readonly hash: Hex;
  /** Where each immutable goes, 32 bytes each; bytes from the beginning. */
  readonly immutables: Readonly<Record<string, readonly number[]>>;
}

/** A contract whose code is known to be the project's. */
export interface KnownContract {
  /** Its immutables by name, 32 bytes each. */
  readonly immutables: ReadonlyMap<string, Hex>;
}

/**
 * Sees to it that code is the project's, deployed as a part of this deployment: only then do its slots mean what they
 * should.
 * @throws light/foreign-code saying what differs
 */
export function assertCode(
  code: Hex,
  { hash, immutables }: ContractCode,
  { address, deployment }: { readonly address: Address; readonly deployment: Deployment },
): KnownContract {
  const fail = (what: string) =>
    new DemecError("light/foreign-code", `Contract ${address} is not deMEC's: ${what}.`, { details: { address } });
  const bytes = hexToBytes(code);
  const values = new Map<string, Hex>();
  for (const [name, starts] of Object.entries(immutables)) {
    for (const start of starts) {
      const slot = bytes.subarray(start, start + 32);
      const value = bytesToHex(slot);
      if ((values.get(name) ?? value) !== value) throw fail(`it has two values of ${name}`);
      values.set(name, value);
      slot.fill(0);
    }
  }
  const actual = keccak256(bytes);
  if (actual !== hash) throw fail(`its code hashes to ${actual}, not to ${hash}`);
  for (const [name, expected] of wiring(address, deployment)) {
    const value = values.get(name);
    if (value !== undefined && value !== expected) throw fail(`its ${name} is ${value}, not ${expected}`);
  }
  return { immutables: values };
}

/** What the immutables of every contract at an address must be, whichever of them it has. */
function wiring(address: Address, deployment: Deployment): Map<string, Hex> {
  const { chainId, demecToken, delegation, staking, registry, accessToken, market, escrow, court, guardian } =
    deployment;
  const contracts = {
    token: demecToken,
    delegatedStake: delegation,
    staking,
    registry,
    accessToken,
    market,
    escrow,
    court,
    guardian,
  };
  const domain = { name: "deMEC", version: "1", chainId, verifyingContract: address };
  return new Map<string, Hex>([
    ...Object.entries(contracts).map(([name, contract]): [string, Hex] => [name, word(contract)]),
    // OpenZeppelin's EIP712.
    ["_cachedThis", word(address)],
    ["_cachedChainId", numberToHex(chainId, { size: 32 })],
    ["_cachedDomainSeparator", domainSeparator({ domain })],
    ["_hashedName", keccak256(stringToHex(domain.name))],
    ["_hashedVersion", keccak256(stringToHex(domain.version))],
    ["_name", shortString(domain.name)],
    ["_version", shortString(domain.version)],
  ]);
}

const word = (address: Address): Hex => pad(address.toLowerCase() as Hex);

/** OpenZeppelin's ShortString: up to 31 bytes, their number in the last. */
function shortString(text: string): Hex {
  const bytes = stringToHex(text);
  return concat([pad(bytes, { dir: "right", size: 31 }), numberToHex(size(bytes), { size: 1 })]);
}

/** Code as a node gives it. @throws Error unless it has the hash that was proved */
export function codeWithHash(code: unknown, codeHash: Hex): Hex {
  if (!isHex(code)) throw new Error("It gave no code.");
  const actual = keccak256(code);
  if (actual !== codeHash) throw new Error(`The code hashes to ${actual}, the account's is ${codeHash}.`);
  return code;
}
