import { DemecError, type Hex } from "@demec/protocol";
import { errors, GeneralEncrypt, type GeneralJWE, generalDecrypt, importJWK } from "jose";
import * as z from "zod";
import { address, parseAs, serviceName } from "./fields.ts";
import { nodeKeyOf, openingJwk, sealingJwk } from "./nodeKeys.ts";
import type { SecretOpener, SecretSealer } from "./sealer.ts";

// A box is a JSON Web Encryption for several recipients (RFC 7516, RFC 8037): A256GCM under a key that is wrapped, for
// each provider, by an ephemeral X25519 exchange with its node key (ECDH-ES+A256KW). Who it is for stands in the
// protected header, which the payload's encryption authenticates.

const WRAP = "ECDH-ES+A256KW";
const CIPHER = "A256GCM";
const TYPE = "demec-secrets";
/** Providers that one box is sealed to at most. */
const MAX_READERS = 64;

const header = z.object({ typ: z.literal(TYPE), aud: serviceName, sub: address.nullable() });
const envelope = z.object({
  protected: z.string(),
  recipients: z
    .array(z.looseObject({ header: z.looseObject({ kid: z.string() }) }))
    .min(1)
    .max(MAX_READERS),
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
    const sealing = new GeneralEncrypt(plaintext).setProtectedHeader({
      enc: CIPHER,
      typ: TYPE,
      aud: audience,
      sub: subject,
    });
    for (const nodeKey of nodeKeys) {
      const key = await importJWK(sealingJwk(nodeKey), WRAP);
      sealing.addRecipient(key).setUnprotectedHeader({ alg: WRAP, kid: nodeKey });
    }
    return new TextEncoder().encode(JSON.stringify(await sealing.encrypt()));
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

  async open(box: Uint8Array, caller: Parameters<SecretOpener["open"]>[1]): Promise<Uint8Array> {
    const jwe = parseBox(box);
    const mine = jwe.recipients.filter((recipient) => recipient.header?.kid === this.#nodeKey);
    if (mine.length === 0) {
      throw new DemecError("access/sealed-to-others", `The box is not sealed to node key ${this.#nodeKey}.`);
    }
    const { plaintext, protectedHeader } = await this.#decrypt({ ...jwe, recipients: mine });
    const { aud, sub } = parseAs(header, protectedHeader, "access/tampered-box");
    if (aud !== caller.audience || (sub !== null && sub.toLowerCase() !== caller.subject.toLowerCase())) {
      throw new DemecError(
        "access/foreign-box",
        `The box is for ${sub ?? "anyone"} calling ${aud}, not for ${caller.subject} calling ${caller.audience}.`,
        {
          details: { audience: aud, subject: sub, caller },
        },
      );
    }
    return plaintext;
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

function parseBox(box: Uint8Array): GeneralJWE {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(box));
  } catch (cause) {
    throw tampered(cause);
  }
  parseAs(envelope, json, "access/tampered-box");
  return json as GeneralJWE;
}

function tampered(cause: unknown): DemecError {
  return new DemecError("access/tampered-box", "The box can't be opened: it is not as it was sealed.", { cause });
}
