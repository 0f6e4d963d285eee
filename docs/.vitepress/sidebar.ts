import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DefaultTheme } from "vitepress";

type Item = DefaultTheme.SidebarItem;

const DOCS = join(import.meta.dirname, "..");

/** Pages by their paths, each under its own title. */
const pages = (...paths: readonly string[]): Item[] => paths.map((path) => ({ text: titleOf(path), link: `/${path}` }));

function titleOf(path: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(DOCS, `${path}.md`), "utf8")) ?? [];
  if (title === undefined) throw new Error(`docs/${path}.md has no title.`);
  return title;
}

const all = (pattern: string): string[] =>
  globSync(pattern, { cwd: DOCS })
    .map((path) => path.replace(/\.md$/, ""))
    .sort();

const group = (text: string, items: Item[], collapsed?: boolean): Item =>
  collapsed === undefined ? { text, items } : { text, items, collapsed };

const BEGIN = ["start", "comparison", "security"];
const CONTRACTS =
  "contracts market curve limit-orders payments tokens staking registry escrow faults administration".split(" ");
const PACKAGES = "functions wasi session network light-client failover content access executor engines meter".split(
  " ",
);
const OPERATIONS = "operations deployment watchtower misbehaviour releasing".split(" ");
const OTHERWISE = new Set([...BEGIN, ...CONTRACTS, ...PACKAGES, ...OPERATIONS, "index", "cli"]);
/** Pages that nobody put anywhere. */
const more = all("*.md").filter((page) => !OTHERWISE.has(page));

export const sidebar: Item[] = [
  group("Begin", pages(...BEGIN)),
  group("Concepts", pages(...["market", "session", "settlement", "call", "trust"].map((name) => `concepts/${name}`))),
  group("Guides", pages(...all("guides/*.md"))),
  group("How it works: contracts", pages(...CONTRACTS), true),
  group("How it works: packages", pages(...PACKAGES, ...more), true),
  group("Operations", pages(...OPERATIONS), true),
  group("Reference", [
    ...pages("reference/index", "cli", "reference/errors"),
    group("Packages", pages(...all("reference/api/**/*.md")), true),
    group("Contracts", pages(...all("reference/contracts/*.md")), true),
  ]),
];
