import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseDeployment } from "@demec/chain";
import { type ConsoleSettings, type ServedConsole, serveConsole } from "@demec/console";
import type { DevNetwork } from "@demec/sdk/node";
import { parseUnits } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { inCheckout, isCheckout } from "../packageFiles.ts";
import { devKey, fund } from "./money.ts";

/** Development accounts that no part of the network uses: the visitor's. */
const WALLETS = [6, 7, 8] as const;
const USD = parseUnits("1000", 6);

/**
 * Serves the console for a network on this machine, with test wallets that have test money. In a clone of the repository
 * it is built first.
 * @param port 0: any free one
 */
export async function startConsole(network: DevNetwork, port: number): Promise<ServedConsole> {
  if (isCheckout())
    execFileSync(inCheckout("node_modules/.bin/vite"), [
      "build",
      "--config",
      inCheckout("packages/console/vite.config.ts"),
    ]);
  const json = readFileSync(network.deployment, "utf8");
  const deployment = parseDeployment(json);
  const devAccounts = WALLETS.map((index) => privateKeyToAddress(devKey(index)));
  for (const account of devAccounts) {
    await fund({ rpcUrl: network.rpc, deployment, mockUsd: network.paymentToken }, account, { usd: USD });
  }
  const settings: ConsoleSettings = {
    chainId: deployment.chainId,
    chainName: "Test chain",
    rpcUrls: [network.rpc],
    deployment: JSON.parse(json),
    guides: network.guides,
    devAccounts,
  };
  return serveConsole({ settings, port });
}

/** Shows an address in the user's browser, where there is a display; says whether it tried. */
export function openBrowser(url: string): boolean {
  const { platform, env } = process;
  const hasDisplay = platform === "darwin" || platform === "win32" || Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY);
  if (!hasDisplay || env.CI !== undefined) return false;
  const [program, ...args] =
    platform === "darwin" ? ["open"] : platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
  const child = spawn(program!, [...args, url], { detached: true, stdio: "ignore" });
  // The address is printed too.
  child.on("error", () => undefined);
  child.unref();
  return true;
}
