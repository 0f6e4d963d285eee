import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { badOption } from "./errors.ts";
import type { SettingLayer } from "./settingFiles.ts";

/** A folder with a function in it, as its `demec.json` describes it. */
export interface Project {
  readonly folder: string;
  /** Short name of the function. */
  readonly name: string;
  readonly description?: string;
  /** Shell command that makes the module, run in the folder; none: the module is a script in a runtime. */
  readonly build?: string;
  /** Module (.wasm) that is deployed, below the folder. */
  readonly module: string;
  /** A script, and the interpreter it is put into. */
  readonly script?: { readonly file: string; readonly runtime: string };
  /** File with the JSON Schemas of its input and output, below the folder. */
  readonly schema?: string;
  /** Defaults of options, as in the user's `config.json`. */
  readonly settings: SettingLayer;
}

export const PROJECT_FILE = "demec.json";

/** The project whose folder is this one or the nearest above it. @throws cli/bad-option when its file is none */
export function findProject(start: string): Project | null {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, PROJECT_FILE))) return readProject(folder);
    if (dirname(folder) === folder) return null;
  }
}

/** The same, where there must be one. @throws cli/bad-option */
export function requireProject(start: string): Project {
  const project = findProject(start);
  if (project === null) {
    throw badOption(`No ${PROJECT_FILE} is in ${resolve(start)} or above it: "demec init <name>" makes a project.`, {
      start,
    });
  }
  return project;
}

function readProject(folder: string): Project {
  const path = join(folder, PROJECT_FILE);
  let json: Partial<Record<string, unknown>>;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw badOption(`${path} is not JSON.`, { path }, cause);
  }
  const text = (name: string): string => {
    const value = json[name];
    if (typeof value !== "string" || value === "") throw badOption(`${path} has no "${name}".`, { path, name });
    return value;
  };
  return {
    folder,
    name: text("name"),
    module: text("module"),
    settings: (json.settings ?? {}) as SettingLayer,
    ...(json.description === undefined ? {} : { description: text("description") }),
    ...(json.build === undefined ? {} : { build: text("build") }),
    ...(json.schema === undefined ? {} : { schema: text("schema") }),
    ...(json.script === undefined ? {} : { script: json.script as NonNullable<Project["script"]> }),
  };
}
