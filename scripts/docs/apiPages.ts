/** Reference pages of the packages: one for each entry point, from the types and doc comments of its source. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Application, Converter, ReflectionKind } from "typedoc";

const ROOT = join(import.meta.dirname, "../..");
/** Entry points for this repository's own tests, and the command, which has a page of its own. */
const INTERNAL = /\/testing$|^@demec\/cli$/;

/** Import specifiers of what is published, with the source of each. */
export function entryPoints(): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of readdirSync(join(ROOT, "packages")).sort()) {
    const path = join(ROOT, "packages", folder, "package.json");
    if (!existsSync(path)) continue;
    const { name, exports = {}, private: isPrivate } = JSON.parse(readFileSync(path, "utf8"));
    if (isPrivate) continue;
    for (const [key, target] of Object.entries<string | { default: string }>(exports)) {
      const specifier = `${name}${key.slice(1)}`;
      const source = typeof target === "string" ? target : target.default;
      if (!INTERNAL.test(specifier)) found.set(specifier, join(ROOT, "packages", folder, source));
    }
  }
  return found;
}

/** Writes `<folder>/<package>/<entry>.md`. @throws Error when the sources do not convert */
export async function writeApiPages(folder: string): Promise<void> {
  const entries = entryPoints();
  const nameOf = new Map([...entries].map(([specifier, source]) => [source, specifier]));
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: [...entries.values()],
    tsconfig: join(ROOT, "tsconfig.json"),
    // What is wrong with types is told by `pnpm typecheck`.
    skipErrorChecking: true,
    excludeInternal: true,
    excludeExternals: true,
    exclude: ["**/generated/**", "**/node_modules/**"],
    excludePrivate: true,
    disableSources: true,
    readme: "none",
    logLevel: "Error",
    // Of the plugin: a page an entry point, in plain Markdown.
    ...({
      outputFileStrategy: "modules",
      hideBreadcrumbs: true,
      hidePageHeader: true,
      useCodeBlocks: true,
      entryFileName: "index",
      parametersFormat: "table",
      interfacePropertiesFormat: "table",
      classPropertiesFormat: "table",
      typeDeclarationFormat: "table",
      propertyMembersFormat: "table",
      sanitizeComments: true,
    } as object),
  });
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    const file = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName;
    const specifier = nameOf.get(file ?? "");
    if (specifier !== undefined) reflection.name = specifier.replace("@demec/", "");
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("The packages' sources don't convert.");
  await app.outputs.writeOutput({ name: "markdown", path: folder }, project);
}
