import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export { median } from "./median.ts";

/** One measured number, as it stands in bench/results. */
export interface Figure {
  readonly name: string;
  /** null: it could not be measured here, `note` says why. */
  readonly value: number | null;
  readonly unit: string;
  /** Greatest value that meets the project's promise; null where the value is only stated. */
  readonly target: number | null;
  /** The target is the least value instead. */
  readonly isLeast?: true;
  /** What the value is compared with, measured in the same run. */
  readonly reference?: { readonly name: string; readonly value: number };
  /** Ours divided by the reference. */
  readonly ratio?: number;
  readonly note?: string;
}

const FOLDER = join(import.meta.dirname, "results");

/** Adds the reference and the ratio to a figure. */
export function against(figure: Figure, name: string, value: number): Figure {
  if (figure.value === null) return figure;
  return { ...figure, reference: { name, value }, ratio: round(figure.value / value) };
}

export function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

export function meets({ value, target, isLeast }: Figure): boolean {
  if (value === null || target === null) return true;
  return isLeast ? value >= target : value <= target;
}

/**
 * Puts figures into bench/results/<file>.json, in place of those of the same names, prints them, and says which miss their
 * targets. Returns whether all meet them.
 */
export function report(file: string, figures: readonly Figure[]): boolean {
  const path = join(FOLDER, `${file}.json`);
  const before: Figure[] = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).figures : [];
  const names = new Set(figures.map(({ name }) => name));
  const together = [...before.filter(({ name }) => !names.has(name)), ...figures];
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path, `${JSON.stringify({ figures: together }, null, 2)}\n`);
  console.table(
    Object.fromEntries(
      figures.map(({ name, value, unit, target, isLeast, reference, ratio, note }) => [
        name,
        {
          value: value ?? "–",
          unit,
          target: target === null ? "–" : `${isLeast ? "≥" : "≤"} ${target}`,
          reference: reference?.value ?? "–",
          ratio: ratio ?? "–",
          note: note ?? "",
        },
      ]),
    ),
  );
  const missed = figures.filter((figure) => !meets(figure));
  for (const { name, value, target, isLeast } of missed) {
    console.error(`${name} is ${value}, ${isLeast ? "below" : "above"} ${target}.`);
  }
  return missed.length === 0;
}
