import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { hostInUrl, parseHostPort } from "../hostPort.ts";
import { print } from "../output.ts";
import { formatView, viewOf } from "../providerView.ts";
import { readiness, scrape } from "../scrape.ts";
import { untilStopped } from "../untilStopped.ts";

/** Between two readings; milliseconds. */
const PERIOD_MS = 1_000;
const CLEAR_SCREEN = "\u001b[H\u001b[2J";

export function addProviderStatus(provider: Command): void {
  provider
    .command("status")
    .description("live view of a provider that was started with --metrics")
    .option("--metrics <[host:]port>", "where it serves its metrics", "9464")
    .addHelpText(
      "after",
      `
On a terminal it is drawn anew every second until Ctrl-C; elsewhere, and with --json, it is printed once.

Example:
  demec provider status --metrics 9464`,
    )
    .action(async ({ metrics }: { readonly metrics: string }, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json: boolean }>();
      const { host, port } = parseHostPort("--metrics", metrics);
      const url = `http://${hostInUrl(host)}:${port}`;
      const isLive = process.stdout.isTTY && !json;
      if (isLive) void untilStopped().then(() => process.exit(0));
      let before = await scrape(url);
      do {
        await sleep(PERIOD_MS);
        const [now, ready] = await Promise.all([scrape(url), readiness(url)]);
        const view = viewOf(before, now, ready);
        print(json, view, `${isLive ? CLEAR_SCREEN : ""}${formatView(view)}`);
        before = now;
      } while (isLive);
    });
}
