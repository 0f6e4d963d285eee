import type { Caller, SecretOpener, SecretSealer } from "@demec/access";
import {
  address,
  addressTo,
  assertAddressedTo,
  CIPHER,
  decrypting,
  MAX_READERS,
  parseAs,
  tamperedBox,
} from "@demec/access/backend";
import { type Address, DemecError } from "@demec/protocol";
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from "jose";
import * as z from "zod/mini";
import type { KeyVault } from "./vault.ts";

// A box is a JSON Web Encryption under a key of its own (`dir`), whose protected header says who it is for and has the key
// as a vault keeps it. The key is one whoever opens the box, so a box says one thing only.

const DIRECT = "dir";
const KEY_BYTES = 32;

const keeping = z.looseObject({
  owners: z.array(address).check(z.minLength(1), z.maxLength(MAX_READERS)),
  key: z.string(),
});

/** Encrypts payloads here; of Lit it asks only to keep a key of 32 bytes. */
export function vaultSealer(vault: KeyVault): SecretSealer {
  return {
    async seal(plaintext, context, readers) {
      const names = addressTo(context, readers);
      const owners = readers.map(({ owner }) => owner);
      const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
      return new CompactEncrypt(plaintext)
        .setProtectedHeader({ alg: DIRECT, enc: CIPHER, ...names, owners, key: await vault.seal(key, owners) })
        .encrypt(key);
    },
  };
}

/** Opens boxes whose keys a vault keeps for a provider. */
export class VaultOpener implements SecretOpener {
  readonly #vault: KeyVault;
  readonly #owner: Address;

  constructor(vault: KeyVault, owner: Address) {
    this.#vault = vault;
    this.#owner = owner;
  }

  async open(box: string, caller: Caller): Promise<Uint8Array> {
    const { owners, key } = parseAs(keeping, headerOf(box), "access/tampered-box");
    if (!owners.some((owner) => owner.toLowerCase() === this.#owner.toLowerCase())) {
      throw new DemecError("access/sealed-to-others", `The box is not sealed to provider ${this.#owner}.`);
    }
    const opened = await this.#vault.open(key, owners, this.#owner);
    const algorithms = { keyManagementAlgorithms: [DIRECT], contentEncryptionAlgorithms: [CIPHER] };
    const { plaintext, protectedHeader } = await decrypting(compactDecrypt(box, opened, algorithms));
    assertAddressedTo(protectedHeader, caller);
    return plaintext;
  }
}

function headerOf(box: string): unknown {
  try {
    return decodeProtectedHeader(box);
  } catch (cause) {
    throw tamperedBox(cause);
  }
}
