import { DemecError, type Hex, sha256 } from "@demec/protocol";
import { base64url, errors, GeneralEncrypt, type GeneralJWE, generalDecrypt, importJWK } from "jose";
import { concatBytes } from "viem";
import * as z from "zod/mini";
import { address, parseAs, parseJsonAs, serviceName } from "./fields.ts";
import { nodeKeyOf, openingJwk, sealingJwk } from "./nodeKeys.ts";
import type { Caller, SecretOpener, SecretSealer } from "./sealer.ts";

// A box is a JSON Web Encryption for several recipients (RFC 7516, RFC 8037): A256GCM under a key that is wrapped, for
// each provider, by an ephemeral X25519 exchange with its node key (ECDH-ES+A256KW). Who it is for stands in the
// protected header, which the payload's encryption authenticates, beside a salted commitment to the payload: AES-GCM alone
// lets one ciphertext have two meanings under two keys, and an execution that names a box must have one.

const WRAP = "ECDH-ES+A256KW";
const CIPHER = "A256GCM";
const TYPE = "demec-secrets";
const SALT_BYTES = 32;
/** Providers that one box is sealed to at most. */
const MAX_READERS = 64;

const header = z.object({ typ: z.literal(TYPE), aud: serviceName, sub: z.nullable(address), commitment: z.string() });
const text = z.string();
const recipient = z.strictObject({ encrypted_key: text, header: z.looseObject({ kid: text }) });
const envelope = z.strictObject({
  ...{ protected: text, iv: text, ciphertext: text, tag: text },
  recipients: z.array(recipient).check(z.minLength(1), z.maxLength(MAX_READERS)),
});

/** Seals to providers' node keys: ed25519 keys, taken to their X25519 form. */
export const nodeKeySealer: SecretSealer = {
  async seal(plaintext, { audience, subject }, nodeKeys) {
    if (nodeKeys.length === 0 || nodeKeys.length > MAX_READERS) {
      throw new DemecError(
        "protocol/out-of-range",
        `A box is sealed to 1 … ${MAX_READERS} keys, not to ${nodeKeys.length}.`,
      );
    }
    const salted = concatBytes([crypto.getRandomValues(new Uint8Array(SALT_BYTES)), plaintext]);
    const names = { typ: TYPE, aud: audience, sub: subject, commitment: commitmentTo(salted) };
    const sealing = new GeneralEncrypt(salted).setProtectedHeader({ enc: CIPHER, ...names });
    for (const nodeKey of nodeKeys) {
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
    const jwe = parseBox(box);
    const mine = jwe.recipients.filter((recipient) => recipient.header?.kid === this.#nodeKey);
    if (mine.length === 0) {
      throw new DemecError("access/sealed-to-others", `The box is not sealed to node key ${this.#nodeKey}.`);
    }
    const { plaintext, protectedHeader } = await this.#decrypt({ ...jwe, recipients: mine });
    const { aud, sub, commitment } = parseAs(header, protectedHeader, "access/tampered-box");
    if (aud !== caller.audience || (sub !== null && sub.toLowerCase() !== caller.subject.toLowerCase())) {
      throw new DemecError(
        "access/foreign-box",
        `The box is for ${sub ?? "anyone"} calling ${aud}, not for ${caller.subject} calling ${caller.audience}.`,
        {
          details: { audience: aud, subject: sub, caller },
        },
      );
    }
    if (commitmentTo(plaintext) !== commitment) throw tampered(new Error("It holds something other than it says."));
    return plaintext.slice(SALT_BYTES);
  }

  async #decrypt(jwe: GeneralJWE) {
    try {
      return await generalDecrypt(jwe, await this.#key, {
        keyManagementAlgorithms: [WRAP],
        contentEncryptionAlgorithms: [CIPHER],
      });
    } catch (cause) {
      if (cause instanceof errors.JOSEError) throw tampered(cause);
      throw cause;
    }
  }
}

function parseBox(box: string): GeneralJWE {
  return parseJsonAs(envelope, box, "access/tampered-box");
}

const commitmentTo = (salted: Uint8Array) => base64url.encode(sha256(salted));

function tampered(cause: unknown): DemecError {
  return new DemecError("access/tampered-box", "The box can't be opened: it is not as it was sealed.", { cause });
}
