/** The code blocks of the documentation, and how each is held to the truth. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
/** Pages whose blocks are the reader's to copy. Those that are made from the source are tested where they are made. */
const PAGES = ["README.md", "docs/**/*.md", "packages/*/README.md"];
const MADE = /^docs\/(reference\/|cli\.md|\.vitepress)/;

/** A fenced block: ```` ```ts run args="my-fn" ````. */
export interface Snippet {
  readonly page: string;
  /** Of its opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** Words after the language, such as `run` or `no-run`. */
  readonly words: ReadonlySet<string>;
  /** Such as `reason="…"`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly code: string;
  /** TypeScript that stands before it in the source of the page and is not shown: `<!-- given-ts … -->`. */
  readonly given: string;
  /** It is not shown itself: `<!-- given-sh … -->`, which makes what the page's commands need. */
  readonly hidden: boolean;
}

/** Paths of all pages with blocks, the first five minutes first: what they leave running, others use. */
export function pages(): string[] {
  const all = globSync(PAGES, { cwd: ROOT }).filter((path) => !MADE.test(path));
  return all.sort((a, b) => Number(b === FIRST) - Number(a === FIRST) || a.localeCompare(b));
}
export const FIRST = "docs/start.md";

/** @param page path from the repository's root */
export function snippetsOf(page: string): Snippet[] {
  const lines = readFileSync(join(ROOT, page), "utf8").split("\n");
  const found: Snippet[] = [];
  let given = "";
  for (let i = 0; i < lines.length; i++) {
    const hidden = /^<!-- given-(ts|sh)$/.exec(lines[i]!);
    const fence = /^( *)(`{3,})(.*)$/.exec(lines[i]!);
    if (hidden === null && fence === null) continue;
    const isEnd = hidden === null ? (line: string) => line.trim() === fence![2] : (line: string) => line === "-->";
    const end = lines.findIndex((line, at) => at > i && isEnd(line));
    if (end < 0) throw new Error(`${page}:${i + 1}: nothing ends this block.`);
    const code = lines
      .slice(i + 1, end)
      .map((line) => line.slice(fence?.[1]?.length ?? 0))
      .join("\n");
    if (hidden?.[1] === "ts") {
      given = code;
    } else {
      const info = hidden === null ? parseInfo(fence![3]!) : parseInfo("sh");
      found.push({ page, line: i + 1, ...info, code, given, hidden: hidden !== null });
      given = "";
    }
    i = end;
  }
  return found;
}

function parseInfo(info: string): Pick<Snippet, "language" | "words" | "attributes"> {
  const attributes: Record<string, string> = {};
  const rest = info.replace(/(\w+)="([^"]*)"/g, (_all, key: string, value: string) => {
    attributes[key] = value;
    return "";
  });
  const [language = "", ...words] = rest.trim().split(/\s+/);
  return { language, words: new Set(words), attributes };
}
