/** Chromium, as Debian packages it, with portable code of the repository in a worker of a page. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { build } from "esbuild";
import { type Browser, type Worker as BrowserWorker, chromium, type Page, type Route } from "playwright-core";

const NAMES = ["chromium", "chromium-browser"];
/** Nobody listens there: Playwright answers every request of a page, so no socket is opened. */
const ORIGIN = "http://localhost";
const SCRIPT = "/worker.js";
/** A call that takes longer hangs: whatever runs is bounded by its fuel. */
const CALL_MS = 120_000;

/** V8's flags by which of its compilers a page has: both, as users have them, or one alone. */
export const COMPILERS = { default: [], baseline: ["--liftoff-only"], optimising: ["--no-liftoff"] } as const;
export type Compilers = keyof typeof COMPILERS;

const executable = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** Why tests in a browser are skipped, or false. */
export const skipChromium = executable === undefined && "Chromium is not installed (apt-get install chromium)";

/** Exports of a module, as they are called from outside its worker. */
type Exports = object;
type Call<Function> = Function extends (...args: infer Args) => infer Result
  ? { readonly args: Args; readonly result: Awaited<Result> }
  : never;

/** Code in a worker of its own. */
export class CodeInWorker<Code extends Exports> implements AsyncDisposable {
  private readonly worker: BrowserWorker;
  private readonly crashed: Promise<never>;
  private readonly page: Page;

  constructor(page: Page, worker: BrowserWorker) {
    this.page = page;
    this.worker = worker;
    this.crashed = new Promise((_, reject) => {
      page.once("crash", () => reject(new Error("the page crashed")));
    });
    // Nobody waits for it between calls.
    this.crashed.catch(() => {});
  }

  /** Calls an export; arguments and result are copied: plain objects, typed arrays, bigints. @throws what it throws */
  async call<Name extends keyof Code & string>(
    name: Name,
    ...args: Call<Code[Name]>["args"]
  ): Promise<Call<Code[Name]>["result"]> {
    const answer = this.worker.evaluate(async ([script, name, args]) => (await import(script!))[name!](...args!), [
      SCRIPT,
      name,
      args,
    ] as const);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${name} still runs in Chromium after ${CALL_MS} ms`)), CALL_MS);
    });
    try {
      return await Promise.race([answer, late, this.crashed]);
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.page.close();
  }
}

/** A browser without a window. */
export class Chromium implements AsyncDisposable {
  private readonly browser: Browser;

  private constructor(browser: Browser) {
    this.browser = browser;
  }

  static async launch(compilers: Compilers = "default"): Promise<Chromium> {
    const flags = COMPILERS[compilers];
    const args = flags.length > 0 ? [`--js-flags=${flags.join(" ")}`] : [];
    // Its sandbox refuses to run as root.
    const chromiumSandbox = process.getuid?.() !== 0;
    return new Chromium(await chromium.launch({ executablePath: executable!, chromiumSandbox, args }));
  }

  get version(): string {
    return this.browser.version();
  }

  /**
   * Bundles a module for browsers and loads it in a worker of a new page.
   * @param others more modules, bundled each by itself, by the path at which it finds them: `/name.js`
   */
  async open<Code extends Exports>(
    entry: string,
    others: Readonly<Record<string, string>> = {},
  ): Promise<CodeInWorker<Code>> {
    const scripts = new Map<string, string>();
    for (const [path, source] of Object.entries({ ...others, [SCRIPT]: entry }))
      scripts.set(path, await bundle(source));
    const page = await this.browser.newPage();
    await page.route("**", (route: Route) => {
      const script = scripts.get(new URL(route.request().url()).pathname);
      return script === undefined
        ? route.fulfill({ contentType: "text/html", body: "<!doctype html>" })
        : route.fulfill({ contentType: "text/javascript", body: script });
    });
    await page.goto(ORIGIN);
    const opened = page.waitForEvent("worker");
    await page.evaluate(
      (script) => Object.assign(globalThis, { worker: new Worker(script, { type: "module" }) }),
      SCRIPT,
    );
    return new CodeInWorker<Code>(page, await opened);
  }

  /** An empty page. */
  newPage(): Promise<Page> {
    return this.browser.newPage();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.browser.close();
  }
}

const bundles = new Map<string, string>();

/** @throws where the module, or one that it imports, needs Node */
async function bundle(entry: string): Promise<string> {
  const known = bundles.get(entry);
  if (known !== undefined) return known;
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2024",
    logLevel: "silent",
  });
  const { text } = outputFiles[0]!;
  bundles.set(entry, text);
  return text;
}
