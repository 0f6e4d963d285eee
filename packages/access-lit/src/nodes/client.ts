/// <reference path="./lit-node-client.d.ts" />
import { DemecError } from "@demec/protocol";
import type { LitClientModule } from "./litClient.ts";

/** Loads the optional peer. @throws lit/not-installed */
export async function loadClient(): Promise<LitClientModule> {
  try {
    // The package is CommonJS: what it exports stands in `default`.
    const { default: module } = await import("@lit-protocol/lit-node-client");
    return module;
  } catch (cause) {
    throw new DemecError("lit/not-installed", "The package @lit-protocol/lit-node-client can't be loaded.", { cause });
  }
}

/** How version 7.4.0 begins the line in which it prints what decrypts. */
const LEAK = "signature from encrypt op: ";
let isMuted = false;

/**
 * Keeps one line of the Lit client from the console: it prints, at every decryption, the signature that decrypts, and no
 * setting keeps it from that. Everything else is printed as before.
 */
export function muteDecryptions(): void {
  if (isMuted) return;
  isMuted = true;
  const { log } = console;
  console.log = (...line: unknown[]) => {
    if (line[0] !== LEAK) log.apply(console, line);
  };
}
