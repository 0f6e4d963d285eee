// Where this console finds its market: the file beside the page, and what the visitor changed.
import { type Deployment, parseDeployment } from "@demec/chain";
import { createContext, useContext } from "react";
import { type ConsoleSettings, SETTINGS_FILE } from "../src/settings.ts";

const KEY = "demec:settings";

/** Settings, with the deployment read. */
export interface Settings extends Omit<ConsoleSettings, "deployment"> {
  readonly deployment: Deployment;
}

/** What the visitor may change; what is left out is as the file has it. */
export type SettingsOverride = Partial<Pick<ConsoleSettings, "rpcUrls" | "guides" | "deployment" | "chainId">>;

export function readOverride(): SettingsOverride {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** Null goes back to the file. The page has to be loaded again for it to hold. */
export function writeOverride(override: SettingsOverride | null): void {
  if (override === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, JSON.stringify(override));
}

/** @throws chain/bad-deployment, or an Error that says what is missing */
export async function loadSettings(): Promise<Settings> {
  const override = readOverride();
  const response = await fetch(new URL(SETTINGS_FILE, document.baseURI), { cache: "no-store" }).catch(() => null);
  const file: Partial<ConsoleSettings> = response?.ok ? await response.json() : {};
  const settings = { guides: [], ...file, ...override };
  const { chainId, rpcUrls, deployment } = settings;
  if (deployment === undefined || rpcUrls === undefined || rpcUrls.length === 0) {
    throw new Error(`There is no ${SETTINGS_FILE} beside this page that names a chain and a deployment.`);
  }
  const parsed = parseDeployment(JSON.stringify(deployment));
  return { ...settings, chainId: chainId ?? parsed.chainId, rpcUrls: [...new Set(rpcUrls)], deployment: parsed };
}

/** Whether an endpoint is on this machine: a development chain's, which makes blocks for transactions alone. */
export const isLoopback = (url: string): boolean => ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);

const SettingsContext = createContext<Settings | null>(null);
export const SettingsProvider = SettingsContext.Provider;

export function useSettings(): Settings {
  const settings = useContext(SettingsContext);
  if (settings === null) throw new Error("There are no settings above this component.");
  return settings;
}
