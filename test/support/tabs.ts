/** What becomes of tabs: there are several, they are reloaded, they sleep, they crash. */
import type { CDPSession, Page } from "playwright-core";
import { CodeInBrowser } from "./chromium.ts";

/** Another tab of the same origin, with the same code and the same stores. */
export async function beside<Code extends object>({ page }: CodeInBrowser<Code>): Promise<CodeInBrowser<Code>> {
  const other = await page.context().newPage();
  await other.goto(page.url());
  return new CodeInBrowser<Code>(other, other);
}

/** Reloads a tab: all that its code held is gone. */
export async function reload<Code extends object>(tab: CodeInBrowser<Code>): Promise<void> {
  await tab.page.reload();
}

/** Kills the tab's process, and closes what is left of the tab. */
export async function crash<Code extends object>({ page }: CodeInBrowser<Code>): Promise<void> {
  const crashed = page.waitForEvent("crash");
  // Nobody is left to answer.
  void (await cdp(page)).send("Page.crash").catch(() => undefined);
  await crashed;
  await page.close();
}

/** Lets a tab of a profile sleep, as browsers do with those that nobody has looked at for long: none of its code runs. */
export async function freeze<Code extends object>({ page }: CodeInBrowser<Code>): Promise<void> {
  await (await cdp(page)).send("Page.setWebLifecycleState", { state: "frozen" });
}

export async function thaw<Code extends object>({ page }: CodeInBrowser<Code>): Promise<void> {
  await (await cdp(page)).send("Page.setWebLifecycleState", { state: "active" });
}

export const cdp = (page: Page): Promise<CDPSession> => page.context().newCDPSession(page);
