import { DemecError } from "@demec/protocol";
import * as z from "zod/mini";
import { parseJsonAs } from "./fields.ts";
import type { Caller, Reader, SealContext, SecretOpener, SecretSealer } from "./sealer.ts";

type Environment = readonly (readonly [name: string, value: string])[];

/**
 * A variable of this name holds a box of variables, which the provider puts in its place. It is part of the environment
 * that the execution hash commits to, so a receipt says what ran without saying what was inside.
 */
const BOX_NAME = "demec:secrets";
/** Boxes in one environment at most. */
const MAX_BOXES = 8;

const variables = z.array(z.tuple([z.string().check(z.regex(/^[^=\0]+$/)), z.string().check(z.regex(/^[^\0]*$/))]));

/** Seals variables for the environment of one service's executions. @returns the variable that stands for them */
export async function sealVariables(
  sealer: SecretSealer,
  secrets: Readonly<Record<string, string>>,
  context: SealContext,
  readers: readonly Reader[],
): Promise<readonly [name: string, value: string]> {
  const plaintext = new TextEncoder().encode(JSON.stringify(Object.entries(secrets)));
  return [BOX_NAME, await sealer.seal(plaintext, context, readers)];
}

/** Whether an environment has sealed variables. */
export function hasSealed(env: Environment): boolean {
  return env.some(([name]) => name === BOX_NAME);
}

/** The environment that a program gets: what was sealed stands where its box stood. @throws as `SecretOpener.open` */
export async function openVariables(opener: SecretOpener, env: Environment, caller: Caller): Promise<Environment> {
  const boxes = env.filter(([name]) => name === BOX_NAME).length;
  if (boxes > MAX_BOXES) {
    throw new DemecError("access/tampered-box", `The environment has ${boxes} boxes; ${MAX_BOXES} are opened.`);
  }
  const parts = env.map(async ([name, value]): Promise<Environment> => {
    if (name !== BOX_NAME) return [[name, value]];
    const text = new TextDecoder().decode(await opener.open(value, caller));
    return parseJsonAs(variables, text, "access/tampered-box");
  });
  return (await Promise.all(parts)).flat();
}
