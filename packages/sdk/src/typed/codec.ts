import { DemecError } from "@demec/protocol";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { CallInput } from "../service.ts";
import { type Check, isStandard, type Mismatch, makeCheck } from "./check.ts";
import type { FunctionSchema, JsonSchema } from "./functionSchema.ts";

/** Of a value in a message, characters. */
const SHOWN = 80;

/** Values as callers have them, and bytes as functions do. */
export interface Codec {
  /** @throws sdk/input-mismatch, sdk/bad-schema */
  encode(input: unknown): Promise<CallInput>;
  /** @throws sdk/output-mismatch, sdk/bad-schema */
  decode(output: Uint8Array): Promise<unknown>;
}

type Encode = Codec["encode"];
type Decode = Codec["decode"];

/** @throws sdk/bad-schema */
export async function makeCodec({ input, output }: FunctionSchema): Promise<Codec> {
  const [encode, decode] = await Promise.all([makeEncode(input), makeDecode(output)]);
  return { encode, decode };
}

async function makeEncode(schema: JsonSchema | StandardSchemaV1 | undefined): Promise<Encode> {
  if (schema === undefined) return async (input) => input as CallInput;
  const check = await makeCheck(schema);
  if (isText(schema)) return async (input) => (await checked(check, assertText(input), "input")) as string;
  // A schema that may make another value gets the caller's; JSON is checked as it will travel: without what has no JSON.
  if (isStandard(schema)) return async (input) => toJson(await checked(check, input, "input"));
  return async (input) => {
    const json = toJson(input);
    await checked(check, JSON.parse(json), "input");
    return json;
  };
}

async function makeDecode(schema: JsonSchema | StandardSchemaV1 | undefined): Promise<Decode> {
  if (schema === undefined) return async (output) => output;
  const check = await makeCheck(schema);
  const read = isText(schema) ? fromText : fromJson;
  return async (output) => checked(check, read(output), "output");
}

/** Text travels as it is, without quotes. */
function isText(schema: JsonSchema | StandardSchemaV1): boolean {
  if (typeof schema === "boolean" || isStandard(schema)) return false;
  const { type, contentMediaType } = schema;
  return type === "string" && typeof contentMediaType === "string" && /^text\/plain\b/.test(contentMediaType);
}

function assertText(value: unknown): string {
  if (typeof value === "string") return value;
  throw mismatched("input", value, { pointer: "", reason: "It is no text." });
}

async function checked(check: Check, value: unknown, side: "input" | "output"): Promise<unknown> {
  const result = await check(value);
  if ("mismatch" in result) throw mismatched(side, value, result.mismatch);
  return result.value;
}

function toJson(value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw mismatched("input", value, { pointer: "", reason: (cause as Error).message });
  }
  if (json === undefined) throw mismatched("input", value, { pointer: "", reason: "There is no JSON for it." });
  return json;
}

function fromText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw mismatched("output", bytes, { pointer: "", reason: "It is not UTF-8." });
  }
}

function fromJson(bytes: Uint8Array): unknown {
  const text = fromText(bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw mismatched("output", text, { pointer: "", reason: "It is not JSON." });
  }
}

function mismatched(side: "input" | "output", whole: unknown, { pointer, reason }: Mismatch): DemecError {
  const value = valueAt(whole, pointer);
  const at = pointer === "" ? "" : ` at ${pointer}`;
  const details = { pointer, value, reason };
  if (side === "input") {
    return new DemecError("sdk/input-mismatch", `The input${at} is ${shown(value)}: ${reason}`, { details });
  }
  return new DemecError("sdk/output-mismatch", `The output${at} is ${shown(value)}: ${reason}`, { details });
}

function valueAt(whole: unknown, pointer: string): unknown {
  let value = whole;
  for (const key of pointer.split("/").slice(1)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[key.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return value;
}

function shown(value: unknown): string {
  const text = value instanceof Uint8Array ? `${value.length} bytes` : (jsonOf(value) ?? String(value));
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
