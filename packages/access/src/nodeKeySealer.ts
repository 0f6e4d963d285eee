import { DemecError, type Hex, sha256 } from "@demec/protocol";
import { base64url, GeneralEncrypt, type GeneralJWE, generalDecrypt, importJWK } from "jose";
import { concatBytes } from "viem";
import * as z from "zod/mini";
import { addressTo, assertAddressedTo, CIPHER, decrypting, MAX_READERS, tamperedBox } from "./box.ts";
import { parseAs, parseJsonAs } from "./fields.ts";
import { nodeKeyOf, openingJwk, sealingJwk } from "./nodeKeys.ts";
import type { Caller, SecretOpener, SecretSealer } from "./sealer.ts";

// A box is a JSON Web Encryption for several recipients (RFC 7516, RFC 8037): A256GCM under a key that is wrapped, for
// each provider, by an ephemeral X25519 exchange with its node key (ECDH-ES+A256KW). In the protected header, beside who it
// is for, stands a salted commitment to the payload: AES-GCM alone lets one ciphertext have two meanings under two keys,
// and an execution that names a box must have one.

const WRAP = "ECDH-ES+A256KW";
const SALT_BYTES = 32;

const commitments = z.object({ commitment: z.string() });
const text = z.string();
const recipient = z.strictObject({ encrypted_key: text, header: z.looseObject({ kid: text }) });
const envelope = z.strictObject({
  ...{ protected: text, iv: text, ciphertext: text, tag: text },
  recipients: z.array(recipient).check(z.minLength(1), z.maxLength(MAX_READERS)),
});

/** Seals to providers' node keys: ed25519 keys, taken to their X25519 form. */
export const nodeKeySealer: SecretSealer = {
  async seal(plaintext, context, readers) {
    const names = addressTo(context, readers);
    const salted = concatBytes([crypto.getRandomValues(new Uint8Array(SALT_BYTES)), plaintext]);
    const header = { enc: CIPHER, ...names, commitment: commitmentTo(salted) };
    const sealing = new GeneralEncrypt(salted).setProtectedHeader(header);
    for (const { nodeKey } of readers) {
      const key = await importJWK(sealingJwk(nodeKey), WRAP);
      sealing.addRecipient(key).setUnprotectedHeader({ alg: WRAP, kid: nodeKey });
    }
    return JSON.stringify(await sealing.encrypt());
  },
};

/** Opens what was sealed to the node key that a seed of 32 bytes stands for. */
export class NodeKeyOpener implements SecretOpener {
  readonly #nodeKey: Hex;
  readonly #key: ReturnType<typeof importJWK>;

  constructor(nodeSeed: Uint8Array) {
    this.#nodeKey = nodeKeyOf(nodeSeed);
    this.#key = importJWK(openingJwk(nodeSeed), WRAP);
  }

  async open(box: string, caller: Caller): Promise<Uint8Array> {
    const jwe: GeneralJWE = parseJsonAs(envelope, box, "access/tampered-box");
    const mine = jwe.recipients.filter((recipient) => recipient.header?.kid === this.#nodeKey);
    if (mine.length === 0) {
      throw new DemecError("access/sealed-to-others", `The box is not sealed to node key ${this.#nodeKey}.`);
    }
    const algorithms = { keyManagementAlgorithms: [WRAP], contentEncryptionAlgorithms: [CIPHER] };
    const decrypted = generalDecrypt({ ...jwe, recipients: mine }, await this.#key, algorithms);
    const { plaintext, protectedHeader } = await decrypting(decrypted);
    assertAddressedTo(protectedHeader, caller);
    const { commitment } = parseAs(commitments, protectedHeader, "access/tampered-box");
    if (commitmentTo(plaintext) !== commitment) throw tamperedBox(new Error("It holds something other than it says."));
    return plaintext.slice(SALT_BYTES);
  }
}

const commitmentTo = (salted: Uint8Array) => base64url.encode(sha256(salted));
