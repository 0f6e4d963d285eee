import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { MarkdownRenderer } from "vitepress";

const ROOT = join(import.meta.dirname, "../..");
/** Where the repository can be read, such as https://example.org/demec/blob/main; unset: names of sources are no links. */
const REPOSITORY = process.env.DOCS_REPOSITORY;

/**
 * Pages link to sources of the repository, which are no pages of the site: such a link leads to DOCS_REPOSITORY, or is
 * its text alone. A source that is not there is a dead link.
 */
export function sources(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push("demec_sources", ({ tokens, env }) => {
    for (const { children } of tokens) {
      let dropped = false;
      for (const token of children ?? []) {
        if (token.type === "link_close" && dropped) {
          Object.assign(token, { type: "text", content: "", tag: "", nesting: 0 });
          dropped = false;
        }
        const href = token.type === "link_open" ? token.attrGet("href") : null;
        if (href === null || /^[a-z]+:|^#|^\//.test(href)) continue;
        const path = join(dirname((env as { path: string }).path), href.replace(/#.*$/, ""));
        if (!relative(join(ROOT, "docs"), path).startsWith("..") && !/\/audit\//.test(path)) continue;
        if (!existsSync(path))
          throw new Error(`${(env as { path: string }).path} links to ${href}, which is not there.`);
        if (REPOSITORY !== undefined) {
          token.attrSet("href", `${REPOSITORY}/${relative(ROOT, path)}`);
        } else {
          Object.assign(token, { type: "text", content: "", tag: "", nesting: 0 });
          dropped = true;
        }
      }
    }
  });
}
