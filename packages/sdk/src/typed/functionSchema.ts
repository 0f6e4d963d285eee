import { DemecError } from "@demec/protocol";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { FromSchema, JSONSchema } from "json-schema-to-ts";
import type { CallInput } from "../service.ts";

/** JSON Schema, draft 2020-12. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** What a publisher ships beside the module: schemas of what goes in and what comes out. A side without one is bytes. */
export interface PublishedSchema {
  readonly input?: JsonSchema;
  readonly output?: JsonSchema;
}

/** The same from a caller, who may describe a side by any library that speaks Standard Schema, such as zod or valibot. */
export interface FunctionSchema {
  readonly input?: JsonSchema | StandardSchemaV1;
  readonly output?: JsonSchema | StandardSchemaV1;
}

/** What a function with this schema is called with; unknown where the schema's own type says too little. */
export type InputOf<S extends FunctionSchema> = S extends { readonly input: infer Side }
  ? Side extends StandardSchemaV1
    ? StandardSchemaV1.InferInput<Side>
    : JsonOf<Side>
  : "input" extends keyof S
    ? unknown
    : CallInput;

/** What a call of a function with this schema gives. */
export type OutputOf<S extends FunctionSchema> = S extends { readonly output: infer Side }
  ? Side extends StandardSchemaV1
    ? StandardSchemaV1.InferOutput<Side>
    : JsonOf<Side>
  : "output" extends keyof S
    ? unknown
    : Uint8Array;

type JsonOf<S> = Draft7<S> extends infer Rewritten extends JSONSchema ? FromSchema<Rewritten> : unknown;

/** Tuples as json-schema-to-ts reads them: draft 7 had `items` and `additionalItems` for `prefixItems` and `items`. */
type Draft7<S> = S extends readonly unknown[]
  ? { readonly [I in keyof S]: Draft7<S[I]> }
  : S extends { readonly prefixItems: unknown }
    ? { readonly [K in keyof S as K extends keyof Renamed ? Renamed[K] : K]: Draft7<S[K]> }
    : S extends object
      ? { readonly [K in keyof S]: Draft7<S[K]> }
      : S;

interface Renamed {
  prefixItems: "items";
  items: "additionalItems";
}

/**
 * Reads the document that is published beside a module: `{ "input": …, "output": … }`. What else it has is left alone.
 * @throws sdk/bad-schema
 */
export function parseSchema(document: Uint8Array): PublishedSchema {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(document));
  } catch (cause) {
    throw new DemecError("sdk/bad-schema", `These ${document.length} bytes are not JSON.`, { cause });
  }
  if (!isObject(json)) throw new DemecError("sdk/bad-schema", "A document of schemas is an object.");
  const { input, output } = json;
  for (const [side, schema] of [
    ["input", input],
    ["output", output],
  ] as const) {
    if (schema === undefined || typeof schema === "boolean" || isObject(schema)) continue;
    throw new DemecError(
      "sdk/bad-schema",
      `The schema of the ${side} is ${JSON.stringify(schema)}, not a JSON Schema.`,
    );
  }
  if (input === undefined && output === undefined) {
    throw new DemecError("sdk/bad-schema", 'A document of schemas has "input", "output", or both.');
  }
  return json as PublishedSchema;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
