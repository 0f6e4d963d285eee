import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { DemecError } from "@demec/protocol";
import type { FromChain } from "./chainMain.ts";

const MAIN = new URL(import.meta.url.endsWith(".ts") ? "chainMain.ts" : "chainMain.js", import.meta.url);

/** A chain of this process's own, on loopback; gone with it. */
export interface DevChain {
  readonly rpcUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts Anvil, empty, at a free port.
 * @throws cli/no-chain where it does not run
 */
export async function startChain(): Promise<DevChain> {
  // Out of the terminal's reach: Ctrl-C must not end it before those that still talk to it.
  const child = fork(MAIN, { detached: true, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const said = await Promise.race([
    once(child, "message").then(([message]) => message as FromChain),
    once(child, "exit").then(([code]) => ({ failed: `its process ended with code ${code}` })),
  ]);
  if ("failed" in said) {
    await end(child);
    throw new DemecError("cli/no-chain", `Anvil does not run: ${said.failed}.`, { details: { reason: said.failed } });
  }
  return { rpcUrl: said.rpcUrl, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  if (child.connected) child.disconnect();
  await ended;
}
