// What keeps people from reading a page.
import axe from "axe-core";
import type { Page } from "playwright-core";

/** Text that is shown smaller than 12 px; runs in the page. */
export function smallTexts(): string[] {
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement!;
    const text = node.textContent!.trim();
    if (text === "" || element.closest(".hidden, dialog, script, noscript, title, select") !== null) continue;
    const svg = element.closest("svg");
    const scale = svg === null ? 1 : svg.getBoundingClientRect().width / (svg.viewBox.baseVal.width || 1);
    const size = Number.parseFloat(getComputedStyle(element).fontSize) * scale;
    if (size < 11.99) found.push(`${text}: ${size.toFixed(1)} px`);
  }
  return found;
}

/** What axe finds serious in a page, or critical. */
export async function seriousIn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe is loaded into the page as text
    const { violations } = await (globalThis as any).axe.run(document);
    return violations
      .filter(({ impact }: { impact: string }) => impact === "serious" || impact === "critical")
      .map((found: { id: string; nodes: { html: string }[] }) => `${found.id}: ${found.nodes[0]!.html}`);
  });
}
