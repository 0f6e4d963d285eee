/** Chromium, as Debian packages it, with portable code of the repository in a page or a worker of it. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { build } from "esbuild";
import { type Browser, type Worker as BrowserWorker, chromium, type Page } from "playwright-core";
import { BROWSER_ALIAS } from "../../scripts/bundling/browser.ts";

const NAMES = ["chromium", "chromium-browser"];
const SCRIPT = "/script.js";
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

/** Code in a page, or in a worker of its own. */
export class CodeInBrowser<Code extends Exports> implements AsyncDisposable {
  readonly page: Page;
  private readonly realm: Pick<BrowserWorker, "evaluate">;
  private readonly crashed: Promise<never>;

  constructor(page: Page, realm: Pick<BrowserWorker, "evaluate">) {
    this.page = page;
    this.realm = realm;
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
    const url = new URL(SCRIPT, this.page.url()).href;
    const answer = this.realm.evaluate(async ([script, name, args]) => (await import(script!))[name!](...args!), [
      url,
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
  private readonly servers: Server[] = [];

  private constructor(browser: Browser) {
    this.browser = browser;
  }

  static async launch(compilers: Compilers = "default"): Promise<Chromium> {
    const flags = COMPILERS[compilers];
    // WebRTC leaves this machine's own addresses out otherwise.
    const args = ["--allow-loopback-in-peer-connection"];
    if (flags.length > 0) args.push(`--js-flags=${flags.join(" ")}`);
    // Its sandbox refuses to run as root.
    const chromiumSandbox = process.getuid?.() !== 0;
    return new Chromium(await chromium.launch({ executablePath: executable!, chromiumSandbox, args }));
  }

  get version(): string {
    return this.browser.version();
  }

  /** Bundles a module for browsers and loads it in a new page. */
  async openPage<Code extends Exports>(entry: string): Promise<CodeInBrowser<Code>> {
    const page = await this.load({ [SCRIPT]: entry });
    return new CodeInBrowser<Code>(page, page);
  }

  /**
   * Bundles a module for browsers and loads it in a worker of a new page.
   * @param others more modules, bundled each by itself, by the path at which it finds them: `/name.js`
   */
  async open<Code extends Exports>(
    entry: string,
    others: Readonly<Record<string, string>> = {},
  ): Promise<CodeInBrowser<Code>> {
    const page = await this.load({ ...others, [SCRIPT]: entry });
    const opened = page.waitForEvent("worker");
    await page.evaluate(
      (script) => Object.assign(globalThis, { worker: new Worker(script, { type: "module" }) }),
      SCRIPT,
    );
    return new CodeInBrowser<Code>(page, await opened);
  }

  /**
   * A page of a server of its own on loopback: one that Playwright made up may not connect to this machine.
   * @param entries modules, bundled each by itself, by their paths
   */
  private async load(entries: Readonly<Record<string, string>>): Promise<Page> {
    const scripts = new Map<string, string>();
    for (const [path, entry] of Object.entries(entries)) scripts.set(path, await bundle(entry));
    const server = createServer(({ url = "" }, response) => {
      const script = scripts.get(url);
      if (script !== undefined) response.setHeader("content-type", "text/javascript").end(script);
      else response.setHeader("content-type", "text/html").end("<!doctype html><link rel=icon href=data:,>");
    });
    this.servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const page = await this.browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return page;
  }

  /** An empty page. */
  newPage(): Promise<Page> {
    return this.browser.newPage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
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
    alias: BROWSER_ALIAS,
  });
  const { text } = outputFiles[0]!;
  bundles.set(entry, text);
  return text;
}
