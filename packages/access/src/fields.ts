import { DemecError, type ErrorCode, type Hex, parseServiceName } from "@demec/protocol";
import { getAddress, isAddress } from "viem";
import * as z from "zod/mini";

// Fields of what comes from strangers as JSON. Integers beyond 2^53 are decimal strings.

const hex = z.transform((text: string) => text as Hex);

export const address = z.pipe(
  z.string().check(z.refine((text) => isAddress(text), "is no address")),
  z.transform((text: string) => getAddress(text)),
);
export const hash32 = z.pipe(z.string().check(z.regex(/^0x[0-9a-f]{64}$/)), hex);
/** A signature; those of contract wallets are longer than a key's, those of undeployed ones longer still. */
export const signature = z.pipe(z.string().check(z.regex(/^0x(?:[0-9a-fA-F]{2}){1,8192}$/)), hex);
export const uint256 = z.pipe(
  z.string().check(z.regex(/^(0|[1-9]\d{0,77})$/)),
  z.pipe(
    z.transform((text: string) => BigInt(text)),
    z.bigint().check(z.maximum(2n ** 256n - 1n)),
  ),
);
/** Unix seconds, counts. */
export const count = z.int().check(z.minimum(0));
export const serviceName = z.string().check(
  z.refine((name) => {
    try {
      parseServiceName(name);
      return true;
    } catch {
      return false;
    }
  }, "is no CAIP-19 id of a service"),
);

/** @throws `code` for text that is not JSON, and as `parseAs` */
export function parseJsonAs<T>(schema: z.ZodMiniType<T>, text: string, code: ErrorCode): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DemecError(code, "The text is not JSON.", { cause });
  }
  return parseAs(schema, value, code);
}

/** @throws `code` with the path and the reason of the first field that is wrong */
export function parseAs<T>(schema: z.ZodMiniType<T>, value: unknown, code: ErrorCode): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new DemecError(code, `Field ${path.map(String).join(".") || "(all)"}: ${message}.`, { details: { path } });
}
