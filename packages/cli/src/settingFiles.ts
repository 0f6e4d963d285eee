import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command, Option } from "commander";
import { badOption } from "./errors.ts";
import { findProject } from "./project.ts";

/**
 * Options by their names in camel case; those of a command stand under its name: `{ "rpc": "…", "deploy": { "royalty": "50" } }`.
 */
export type SettingLayer = Readonly<Record<string, unknown>>;

export const userSettingsFile = (home: string): string => join(home, "config.json");

/** Settings of the project around the working directory, then the user's own: the former count first. */
export function readSettingFiles(home: string): SettingLayer[] {
  const project = findProject(process.cwd());
  return [...(project === null ? [] : [project.settings]), readLayer(userSettingsFile(home))];
}

/**
 * Fills in the options that neither flags nor environment have set, from the first layer that has them.
 * @throws cli/bad-option for a value that is no string, number, boolean or list of these
 */
export function applySettings(command: Command, layers: readonly SettingLayer[]): void {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const path = pathOf(at);
    for (const option of at.options) {
      const name = option.attributeName();
      const source = at.getOptionValueSource(name);
      if (source !== undefined && source !== "default") continue;
      const value = layers.map((layer) => valueIn(layer, [...path, name])).find((value) => value !== undefined);
      if (value !== undefined) at.setOptionValueWithSource(name, parse(option, value), "config");
    }
  }
}

/** Names of the commands that lead here, without the program's own. */
function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

function valueIn(layer: SettingLayer, path: readonly string[]): unknown {
  let value: unknown = layer;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function parse(option: Option, value: unknown): unknown {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  const isPlain = items.every((item) => ["string", "number", "boolean"].includes(typeof item));
  if (!isPlain || (Array.isArray(value) && option.parseArg === undefined)) {
    throw badOption(`Setting ${option.attributeName()} is ${JSON.stringify(value)}.`, { value });
  }
  if (typeof value === "boolean") return value;
  const { parseArg } = option;
  if (parseArg === undefined) return String(value);
  return items.reduce((all, item) => parseArg(String(item), all as never), option.defaultValue as unknown);
}

function readLayer(path: string): SettingLayer {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw badOption(`${path} can't be read.`, { path }, error);
  }
  try {
    return JSON.parse(text) as SettingLayer;
  } catch (cause) {
    throw badOption(`${path} is not JSON.`, { path }, cause);
  }
}
