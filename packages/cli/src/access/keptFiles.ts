import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes `<name>.json` for this user alone. @param folder made if it doesn't exist */
export function keepFile(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, `${name}.json`), `${text}\n`, { mode: 0o600 });
}

/** What the files of a folder hold, by their names; nothing where there is no folder. */
export function keptFiles(folder: string): string[] {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return files
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8"));
}
