import { DemecError } from "@demec/protocol";
import { errors } from "jose";
import * as z from "zod/mini";
import { address, parseAs, serviceName } from "./fields.ts";
import type { Caller, Reader, SealContext } from "./sealer.ts";

// What boxes of every backend have in common: they are JSON Web Encryptions whose protected header, which the payload's
// encryption authenticates, says whose they are.

/** How payloads are encrypted. */
export const CIPHER = "A256GCM";
/** Providers that one box is sealed to at most. */
export const MAX_READERS = 64;
const TYPE = "demec-secrets";

const addressee = z.looseObject({ typ: z.literal(TYPE), aud: serviceName, sub: z.nullable(address) });

/** What a box's protected header says of who it is for. @throws protocol/out-of-range for too few or too many readers */
export function addressTo({ audience, subject }: SealContext, readers: readonly Reader[]) {
  if (readers.length === 0 || readers.length > MAX_READERS) {
    throw new DemecError(
      "protocol/out-of-range",
      `A box is sealed to 1 … ${MAX_READERS} providers, not to ${readers.length}.`,
    );
  }
  return { typ: TYPE, aud: audience, sub: subject };
}

/** @throws access/foreign-box unless a protected header is for this caller; access/tampered-box when it is none */
export function assertAddressedTo(header: unknown, caller: Caller): void {
  const { aud, sub } = parseAs(addressee, header, "access/tampered-box");
  if (aud === caller.audience && (sub === null || sub.toLowerCase() === caller.subject.toLowerCase())) return;
  throw new DemecError(
    "access/foreign-box",
    `The box is for ${sub ?? "anyone"} calling ${aud}, not for ${caller.subject} calling ${caller.audience}.`,
    { details: { audience: aud, subject: sub, caller } },
  );
}

/** What a box is to whoever can't open it. */
export function tamperedBox(cause: unknown): DemecError {
  return new DemecError("access/tampered-box", "The box can't be opened: it is not as it was sealed.", { cause });
}

/** @throws access/tampered-box for what `jose` finds wrong with a box; anything else as it is */
export async function decrypting<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof errors.JOSEError) throw tamperedBox(cause);
    throw cause;
  }
}
