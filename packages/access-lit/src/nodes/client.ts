/// <reference path="./lit-node-client.d.ts" />
import { DemecError } from "@demec/protocol";
import type { Conditions } from "./conditions.ts";
import type { SessionSignatures } from "./session.ts";

/** What is used of `LitNodeClientNodeJs` 7.4.0. */
export interface LitClient {
  /** URLs of the nodes that shook hands. */
  readonly connectedNodes: ReadonlySet<string>;
  /** As the nodes told it. */
  readonly latestBlockhash: string;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  encrypt(parameters: {
    readonly dataToEncrypt: Uint8Array;
    readonly unifiedAccessControlConditions: Conditions;
  }): Promise<{ readonly ciphertext: string; readonly dataToEncryptHash: string }>;
  decrypt(parameters: {
    readonly ciphertext: string;
    readonly dataToEncryptHash: string;
    readonly unifiedAccessControlConditions: Conditions;
    readonly sessionSigs: SessionSignatures;
    readonly chain: string;
  }): Promise<{ readonly decryptedData: Uint8Array }>;
}

/** What is used of `@lit-protocol/lit-node-client` 7.4.0. */
export interface LitClientModule {
  readonly LitNodeClientNodeJs: new (config: object) => LitClient;
}

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
