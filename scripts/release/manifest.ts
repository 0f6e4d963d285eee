/**
 * The manifest under which a package is published, derived from the one it has in the workspace: here it runs from
 * `src/*.ts`, elsewhere from `lib/*.js` with declarations. One rule, so that the two can't come apart.
 */

/** A file of the package, or files by condition. */
type Target = string | { readonly [condition: string]: Target };
type Targets = Readonly<Record<string, Target>>;
type Versions = Readonly<Record<string, string>>;

/** What is read of a package.json; the rest is published as it stands. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly exports?: Targets;
  readonly imports?: Targets;
  /** What is published beside LICENSE and README.md, where that is more than `lib`. */
  readonly files?: readonly string[];
  readonly bin?: Targets;
  readonly dependencies?: Versions;
  readonly optionalDependencies?: Versions;
  readonly devDependencies?: Versions;
}

/** Entry points for this repository's own tests. */
const INTERNAL = new Set(["./testing"]);
/** Oldest Node that the published JavaScript runs on: it uses ES2024. */
const ENGINES = { node: ">=22" };

/**
 * @param versionOf version of a package of the workspace
 * @param bundled entry points that browsers get from `lib/page`, with what they import bundled in
 * @throws Error where something points elsewhere than into `src`
 */
export function publishedManifest(
  source: Manifest,
  versionOf: (name: string) => string,
  bundled: readonly string[] = [],
): Manifest {
  const { devDependencies: _, exports = {}, imports, bin, dependencies = {}, ...rest } = source;
  const entries = Object.entries(exports).filter(([path]) => !INTERNAL.has(path));
  const released = Object.entries(dependencies).map(([name, range]) => [
    name,
    range === "workspace:*" ? versionOf(name) : range,
  ]);
  return {
    ...rest,
    ...{ engines: ENGINES, publishConfig: { access: "public" } },
    exports: {
      ...mapped(Object.fromEntries(entries), entryPoint),
      ...Object.fromEntries(bundled.map((path) => [path, forPages(path, exports[path])])),
      "./package.json": "./package.json",
    },
    ...(imports && { imports: mapped(imports, compiled) }),
    ...(bin && { bin: mapped(bin, compiled) }),
    dependencies: Object.fromEntries(released),
  };
}

/** Entry points that TypeScript can import, as `sdk.node` for `@demec/sdk/node`: their name, and their declarations. */
export function declaredEntries({ name, exports = {} }: Manifest): { report: string; types: string }[] {
  const short = name.replace("@demec/", "");
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === "string" || typeof target.types !== "string") return [];
    return [{ report: path === "." ? short : `${short}.${path.slice(2)}`, types: target.types }];
  });
}

function mapped(targets: Targets, map: (path: string) => Target): Targets {
  const each = ([key, target]: [string, Target]) => [
    key,
    typeof target === "string" ? map(target) : mapped(target, map),
  ];
  return Object.fromEntries(Object.entries(targets).map(each));
}

function entryPoint(path: string) {
  const script = compiled(path);
  return { types: script.replace(/\.js$/, ".d.ts"), default: script };
}

/** What is made for browsers alone is bundled on servers too, which render a page first: it is one file for all. */
function forPages(name: string, path: Target | undefined): Target {
  if (typeof path !== "string") throw new Error("An entry point that is bundled for pages is one file.");
  const { types, default: script } = entryPoint(path);
  const page = script.replace("./lib/", "./lib/page/");
  return name === "./browser" ? { types, default: page } : { types, browser: page, default: script };
}

function compiled(path: string): string {
  const match = /^\.\/src\/(.+)\.tsx?$/.exec(path);
  if (match === null) throw new Error(`${path} is no source of its package.`);
  return `./lib/${match[1]}.js`;
}
