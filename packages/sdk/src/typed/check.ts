import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { JsonSchema } from "./functionSchema.ts";

/** Where a value is not what its schema says. */
export interface Mismatch {
  /** JSON Pointer (RFC 6901) into the value; empty: the value itself. */
  readonly pointer: string;
  readonly reason: string;
}

/** Looks at a value; a schema may make another one of it. */
export type Check = (value: unknown) => Promise<{ readonly value: unknown } | { readonly mismatch: Mismatch }>;

/** Whether a schema checks by itself, instead of being JSON that somebody interprets. */
export function isStandard(schema: JsonSchema | StandardSchemaV1): schema is StandardSchemaV1 {
  return typeof schema !== "boolean" && "~standard" in schema;
}

/** What checks values by a schema. The interpreter of JSON Schema is loaded when one is needed. @throws sdk/bad-schema */
export async function makeCheck(schema: JsonSchema | StandardSchemaV1): Promise<Check> {
  if (isStandard(schema)) return (value) => checkStandard(schema, value);
  const { checkJson, compileJson } = await import("./jsonCheck.ts");
  const compiled = compileJson(schema);
  return async (value) => {
    const mismatch = checkJson(compiled, value);
    return mismatch === null ? { value } : { mismatch };
  };
}

async function checkStandard(schema: StandardSchemaV1, value: unknown): ReturnType<Check> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return { value: result.value };
  const [{ message = "no reason was given", path = [] } = {}] = result.issues;
  return { mismatch: { pointer: pointerOf(path), reason: message } };
}

function pointerOf(path: NonNullable<StandardSchemaV1.Issue["path"]>): string {
  const keys = path.map((segment) => String(typeof segment === "object" ? segment.key : segment));
  return keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
