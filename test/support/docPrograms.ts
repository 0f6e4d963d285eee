// Programs that stand in the documentation, run as its readers would.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { snippetsOf } from "../../scripts/docs/snippets.ts";
import { type Ran, run } from "./runCli.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Code of one language in a page. @param page below `docs/` */
export function snippets(page: string, language: string): string[] {
  return snippetsOf(join("docs", page)).flatMap((snippet) => (snippet.language === language ? snippet.code : []));
}

/** Runs `program.ts`, with other files beside it, where packages are found as those that the SDK is tested with. */
export async function runPrograms(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const folder = await mkdtemp(join(ROOT, "packages/sdk/.programs-"));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await run(join(folder, "program.ts"), args, env);
  } finally {
    await rm(folder, { recursive: true });
  }
}
