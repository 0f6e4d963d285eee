import { DemecError, type ServiceMetadata } from "@demec/protocol";
import { type BuyerContext, contentOf } from "../context.ts";
import { type PublishedSchema, parseSchema } from "./functionSchema.ts";

/** A document of some kilobytes is here in well under a second, or nobody has it; milliseconds. */
const FETCH_MS = 10_000;

/** Gets a service's schemas from whoever has them; what comes has the hash that its publisher put on chain. */
export async function fetchSchema(
  context: Pick<BuyerContext, "content">,
  { name, schema }: ServiceMetadata,
): Promise<PublishedSchema> {
  if (schema === undefined) throw new DemecError("sdk/no-schema", `Service "${name}" ships no schema.`);
  const { coreKey, sha256, length } = schema;
  return parseSchema(await contentOf(context).fetch({ coreKey, sha256, maxBytes: length, timeoutMs: FETCH_MS }));
}
