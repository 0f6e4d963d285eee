// Gas and bytecode sizes as committed beside the contracts, and their comparison with what is measured now.
import { readFileSync, writeFileSync } from "node:fs";
import hre from "hardhat";
import { size } from "viem";
import type { Figure } from "../figures.ts";

/** EIP-170: what a chain stores of a contract at most, bytes. */
export const MAX_CODE_BYTES = 24_576;
/** Growth that is let pass, share of the committed value: calldata varies by zero bytes in deadlines and addresses, code by a few instructions. */
export const TOLERANCE = 0.01;

export type Snapshot = Readonly<Record<string, number>>;

const FILES = { gas: "../../contracts/.gas-snapshot.json", size: "../../contracts/.size-snapshot.json" } as const;
type Kind = keyof typeof FILES;

export function readSnapshot(kind: Kind): Snapshot {
  return JSON.parse(readFileSync(new URL(FILES[kind], import.meta.url), "utf8"));
}

export function writeSnapshot(kind: Kind, snapshot: Snapshot): void {
  const sorted = Object.fromEntries(Object.entries(snapshot).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(new URL(FILES[kind], import.meta.url), `${JSON.stringify(sorted, null, 2)}\n`);
}

export function gasSnapshot(figures: readonly Figure[]): Snapshot {
  return Object.fromEntries(figures.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])));
}

/** Runtime bytes of every contract that is deployed: all but tests, and libraries whose functions are internal. */
export async function sizeSnapshot(): Promise<Snapshot> {
  const names = [...(await hre.artifacts.getAllFullyQualifiedNames())].filter(
    (name) => /^contracts\/[^:]+:/.test(name) && !/^contracts\/(test|libraries|interfaces)\//.test(name),
  );
  const sizes: Record<string, number> = {};
  for (const name of names) {
    const { contractName, deployedBytecode } = await hre.artifacts.readArtifact(name);
    const bytes = size(deployedBytecode as `0x${string}`);
    if (bytes > 0) sizes[contractName] = bytes;
  }
  return sizes;
}

/** What is new, gone, or grew by more than `tolerance` of its committed value, one sentence each. */
export function differences(committed: Snapshot, measured: Snapshot, tolerance: number): string[] {
  const names = [...new Set([...Object.keys(committed), ...Object.keys(measured)])].sort();
  return names.flatMap((name) => {
    const [before, now] = [committed[name], measured[name]];
    if (before === undefined) return [`${name} is ${now} and not in the snapshot.`];
    if (now === undefined) return [`${name} is in the snapshot (${before}) and was not measured.`];
    return now > before * (1 + tolerance) ? [`${name} grew from ${before} to ${now}.`] : [];
  });
}
