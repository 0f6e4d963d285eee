import { DemecError, MAX_SCHEMA_BYTES } from "@demec/protocol";
import { parseSchema } from "@demec/sdk";
import { Ajv2020 } from "ajv/dist/2020.js";
import { readBytes } from "./config.ts";

/**
 * Reads a file of schemas, `{ "input": …, "output": … }`, more strictly than those who check by it do: a misspelt keyword
 * would check nothing.
 * @returns the document as it is published
 * @throws cli/bad-option where there is no such file, sdk/bad-schema
 */
export function readSchema(path: string): Uint8Array {
  const schema = parseSchema(readBytes("Schema", path));
  for (const side of ["input", "output"] as const) {
    // What a format means is not asked here; checkers differ in those they know.
    const ajv = new Ajv2020({ strictTypes: false, strictTuples: false, validateFormats: false, logger: false });
    try {
      if (schema[side] !== undefined) ajv.compile(schema[side]);
    } catch (cause) {
      const what = `The schema of the ${side} in ${path} is none: ${(cause as Error).message}.`;
      throw new DemecError("sdk/bad-schema", what, { cause, details: { path, side } });
    }
  }
  const document = new TextEncoder().encode(JSON.stringify(schema));
  if (document.length <= MAX_SCHEMA_BYTES) return document;
  const what = `The schemas in ${path} take ${document.length} bytes, of ${MAX_SCHEMA_BYTES} at most.`;
  throw new DemecError("sdk/bad-schema", what, { details: { path, bytes: document.length } });
}
