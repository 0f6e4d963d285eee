import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const FOLDER = new URL("../results/", import.meta.url);
const FILE = new URL("network.json", FOLDER);

/** Figures to four digits, beside what other benchmarks of `pnpm bench:network` have left in bench/results/network.json. */
export function report(figures: Readonly<Record<string, number>>, targets: Readonly<Record<string, number>>): void {
  const earlier = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {};
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );
  const all = { ...earlier, ...rounded, targets: { ...earlier.targets, ...targets } };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
  console.log(JSON.stringify({ ...rounded, targets }, null, 2));
}
