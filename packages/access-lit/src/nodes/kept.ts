import { parseJsonAs } from "@demec/access/backend";
import * as z from "zod/mini";

const schema = z.strictObject({
  ciphertext: z.string().check(z.regex(/^[A-Za-z0-9+/]+={0,2}$/)),
  dataToEncryptHash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

/** What a network of nodes makes of bytes under conditions. */
export type Kept = z.infer<typeof schema>;

/** @throws access/tampered-box */
export function parseKept(text: string): Kept {
  return parseJsonAs(schema, text, "access/tampered-box");
}
