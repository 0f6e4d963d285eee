import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderMermaidSVG } from "beautiful-mermaid";
import type { MarkdownRenderer } from "vitepress";

/** Colours of the theme, so that a drawing follows its light and dark modes. */
const COLOURS = {
  bg: "var(--vp-c-bg)",
  fg: "var(--vp-c-text-1)",
  muted: "var(--vp-c-text-1)",
  line: "var(--vp-c-text-2)",
  surface: "var(--vp-c-bg-soft)",
  border: "var(--vp-c-text-3)",
  transparent: true,
};
/** The renderer would have its font from elsewhere; the theme has the same one here. */
const FOREIGN_FONT = /@import url\([^)]*\);/g;

/** Draws `mermaid` blocks when the site is built: no script runs in the page. */
export function mermaid(markdown: MarkdownRenderer): void {
  const others = markdown.renderer.rules.fence!;
  markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { info, content } = tokens[index]!;
    if (info.trim() !== "mermaid") return others(tokens, index, options, env, self);
    const svg = renderMermaidSVG(content, COLOURS).replace(FOREIGN_FONT, "");
    return figure(svg, content.split("\n", 1)[0]!);
  };
}

/** Puts `![…](….svg)` into the page itself, where the drawing can use the theme's colours. */
export function pictures(markdown: MarkdownRenderer): void {
  const others = markdown.renderer.rules.image!;
  markdown.renderer.rules.image = (tokens, index, options, env: { path: string }, self) => {
    const token = tokens[index]!;
    const source = token.attrGet("src") ?? "";
    if (!source.endsWith(".svg")) return others(tokens, index, options, env, self);
    return figure(readFileSync(join(dirname(env.path), source), "utf8"), token.content);
  };
}

/** How far a wide drawing shrinks before it scrolls instead. */
const LEAST_SCALE = 0.7;

/** @param label what a screen reader says of the drawing */
function figure(svg: string, label: string): string {
  const width = Number(/ width="([\d.]+)"/.exec(svg)?.[1] ?? 0);
  const named = svg.replace("<svg ", `<svg role="img" aria-label="${label.replace(/[&"<]/g, "")}" `);
  // As one value: Vue must not look for components and styles of its own in a drawing.
  const value = encodeURIComponent(named).replace(/'/g, "%27");
  const style = `--least: ${Math.round(width * LEAST_SCALE)}px`;
  return `<div class="drawing" tabindex="0" style="${style}" v-html="decodeURIComponent('${value}')"></div>`;
}
