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
