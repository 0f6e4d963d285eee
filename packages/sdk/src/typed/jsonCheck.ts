import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import { DemecError } from "@demec/protocol";
import type { Mismatch } from "./check.ts";
import type { JsonSchema } from "./functionSchema.ts";

/** Of these, what was wrong with the value as a whole tells more than what each branch has against it. */
const BRANCHING = new Set(["anyOf", "oneOf", "not", "contains"]);

/** Interprets, so that pages with a strict content security policy can check too. @throws sdk/bad-schema */
export function compileJson(schema: JsonSchema): Validator {
  // It writes down in the schema where its parts are.
  return guard(() => new Validator(structuredClone(schema) as Schema | boolean, "2020-12"));
}

/** What is wrong with a JSON value; null: nothing. References lead nowhere but into the schema. @throws sdk/bad-schema */
export function checkJson(validator: Validator, value: unknown): Mismatch | null {
  const { valid, errors } = guard(() => validator.validate(value));
  if (valid) return null;
  const { instanceLocation, error } = tellingOf(errors);
  return { pointer: decodeURIComponent(instanceLocation.slice(1)), reason: error };
}

/** Errors are told from the outermost inwards. */
function tellingOf(errors: readonly OutputUnit[]): OutputUnit {
  return errors.find(({ keyword }) => BRANCHING.has(keyword)) ?? errors.at(-1)!;
}

function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
    throw new DemecError("sdk/bad-schema", `Nothing can be checked by this schema: ${reason}`, { cause });
  }
}
