/** Chromium, as Debian packages it, with portable code of the repository in a page or a worker of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@demec/protocol/testing";
import { build } from "esbuild";
import { type BrowserContext, type Worker as BrowserWorker, chromium, type Page } from "playwright-core";
import { BROWSER_ALIAS } from "../../scripts/bundling/browser.ts";

const NAMES = ["chromium", "chromium-browser"];
const SCRIPT = "script.js";
/** WebRTC leaves this machine's own addresses out otherwise. */
const LOOPBACK_WEBRTC = "--allow-loopback-in-peer-connection";
/** A call that takes longer hangs: whatever runs is bounded by its fuel. */
const CALL_MS = 120_000;

/** V8's flags by which of its compilers a page has: both, as users have them, or one alone. */
export const COMPILERS = { default: [], baseline: ["--liftoff-only"], optimising: ["--no-liftoff"] } as const;
export type Compilers = keyof typeof COMPILERS;

const executable = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** Its sandbox refuses to run as root. */
const LAUNCH = { executablePath: executable!, chromiumSandbox: process.getuid?.() !== 0 };

/** Why tests in a browser are skipped, or false. */
export const skipChromium = executable === undefined && "Chromium is not installed (apt-get install chromium)";

/** For workers that run strangers' code, as docs/executor.md advises: no network. */
const WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";

/**
 * Scripts of workers, bundled each by itself, by the name under which they lie beside the entry's script. They are served with
 * `WORKER_POLICY`.
 */
type Others = Readonly<Record<string, string>>;

/** What the executor of browsers makes its workers of, where it looks for it. */
export const EXECUTOR_WORKER: Others = { "worker.ts": fileURLToPath(import.meta.resolve("@demec/wasm/worker")) };

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
  readonly version: string;
  /** Where pages share nothing with those of another, but in a profile, which has one. */
  private readonly context: () => Promise<BrowserContext>;
  private readonly end: () => Promise<void>;
  private readonly server: Server;
  /** By their path, beside that of the page that loads them. */
  private readonly scripts = new Map<string, string>();
  /** By their path at the top of the origin. */
  private readonly tops = new Map<string, string>();

  private constructor(version: string, context: () => Promise<BrowserContext>, end: () => Promise<void>) {
    this.version = version;
    this.context = context;
    this.end = end;
    // A real server on loopback: a page that Playwright made up may not connect to this machine.
    this.server = createServer(({ url = "" }, response) => {
      const script = this.scripts.get(url);
      const top = this.tops.get(url.split("?")[0]!);
      if (top !== undefined) response.setHeader("content-type", "text/javascript").end(top);
      else if (script !== undefined) {
        if (!url.endsWith(`/${SCRIPT}`)) response.setHeader("content-security-policy", WORKER_POLICY);
        response.setHeader("content-type", "text/javascript").end(script);
      } else if (!url.endsWith("/")) response.writeHead(404).end();
      else response.setHeader("content-type", "text/html").end("<!doctype html><link rel=icon href=data:,>");
    });
  }

  static async launch(compilers: Compilers = "default"): Promise<Chromium> {
    const flags = COMPILERS[compilers];
    const args: string[] = [LOOPBACK_WEBRTC];
    if (flags.length > 0) args.push(`--js-flags=${flags.join(" ")}`);
    const browser = await chromium.launch({ ...LAUNCH, args });
    const made = new Chromium(
      browser.version(),
      () => browser.newContext(),
      () => browser.close(),
    );
    return made.listen();
  }

  /**
   * As its user starts it: what pages keep is on disk, where another one finds it, and tabs that are not looked at are hidden.
   * @param port of the pages' server, which is part of their origin
   */
  static async openProfile(folder: string, port = 0): Promise<Chromium> {
    const sandbox = LAUNCH.chromiumSandbox ? [] : ["--no-sandbox"];
    const args = [
      "--headless",
      "--remote-debugging-port=0",
      "--no-first-run",
      LOOPBACK_WEBRTC,
      `--user-data-dir=${folder}`,
      ...sandbox,
    ];
    const file = join(folder, "DevToolsActivePort");
    rmSync(file, { force: true });
    const child = spawn(LAUNCH.executablePath, [...args, "about:blank"], { stdio: "ignore" });
    const ended = once(child, "exit");
    await until("Chromium listens", () => existsSync(file) && readFileSync(file, "utf8").includes("\n"));
    const endpoint = `http://127.0.0.1:${readFileSync(file, "utf8").split("\n")[0]}`;
    const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
    const stop = async (signal: NodeJS.Signals) => {
      child.kill(signal);
      await ended;
    };
    const made = new Chromium(
      browser.version(),
      async () => browser.contexts()[0]!,
      () => stop("SIGTERM"),
    );
    made.kill = () => stop("SIGKILL");
    return made.listen(port);
  }

  /** Of a profile: kills it at once. */
  kill: () => Promise<void> = () => this.end();

  /** Where its pages are served. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  private async listen(port = 0): Promise<this> {
    await once(this.server.listen(port, "127.0.0.1"), "listening");
    return this;
  }

  /** Bundles a module for browsers and loads it in a new page. */
  async openPage<Code extends Exports>(entry: string, others?: Others): Promise<CodeInBrowser<Code>> {
    const page = await this.load(entry, others);
    return new CodeInBrowser<Code>(page, page);
  }

  /** Bundles a module for browsers and loads it in a worker of a new page. */
  async open<Code extends Exports>(entry: string, others?: Others): Promise<CodeInBrowser<Code>> {
    const page = await this.load(entry, others);
    const opened = page.waitForEvent("worker");
    await page.evaluate(
      (script) => Object.assign(globalThis, { worker: new Worker(script, { type: "module" }) }),
      SCRIPT,
    );
    return new CodeInBrowser<Code>(page, await opened);
  }

  /** Bundles a module for browsers and serves it at the top of the origin, as a service worker of all its pages. */
  async serve(path: `/${string}`, entry: string): Promise<void> {
    this.tops.set(path, await bundle(entry));
  }

  /** A page of this machine's, beside which the module's bundle lies. */
  private async load(entry: string, others: Others = {}): Promise<Page> {
    const folder = `/${this.scripts.size}/`;
    for (const [file, source] of Object.entries({ ...others, [SCRIPT]: entry }))
      this.scripts.set(`${folder}${file}`, await bundle(source));
    const page = await this.newPage();
    await page.goto(`http://127.0.0.1:${this.port}${folder}`);
    return page;
  }

  /** An empty page. */
  async newPage(): Promise<Page> {
    return (await this.context()).newPage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    this.server.closeAllConnections();
    this.server.close();
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
