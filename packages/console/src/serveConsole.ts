import { access, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { contentSecurityPolicy } from "./contentSecurityPolicy.ts";
import { type ConsoleSettings, SETTINGS_FILE } from "./settings.ts";

/** The built pages: `dist` of this package, wherever it is installed. */
const PAGES = join(import.meta.dirname, "../dist");
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

export interface ServeConsoleOptions {
  readonly settings: ConsoleSettings;
  /** Address to listen at; loopback by default. */
  readonly host?: string;
  /** 0, the default: any free one. */
  readonly port?: number;
}

/** The console at an address of this machine, until it is stopped. */
export interface ServedConsole {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves the built console with its settings over HTTP, under a strict content security policy.
 * @throws Error (ENOENT) where the console was not built
 */
export async function serveConsole({
  settings,
  host = "127.0.0.1",
  port = 0,
}: ServeConsoleOptions): Promise<ServedConsole> {
  await access(join(PAGES, "index.html"));
  const headers = {
    "content-security-policy": contentSecurityPolicy(settings),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  const content = async (path: string) => {
    if (path === `/${SETTINGS_FILE}`) return JSON.stringify(settings);
    const file = normalize(join(PAGES, path === "/" ? "index.html" : path));
    return file.startsWith(PAGES + sep) ? readFile(file).catch(() => null) : null;
  };
  const server = createServer(async (request, response) => {
    const path = pathOf(request.url);
    const body = request.method === "GET" && path !== null ? await content(path) : null;
    if (body === null) return void response.writeHead(404, headers).end();
    const type = TYPES[extname(path === "/" ? "index.html" : path!)] ?? "application/octet-stream";
    // Names of scripts and styles have a hash of what is in them.
    const cache = path!.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-store";
    response.writeHead(200, { ...headers, "content-type": type, "cache-control": cache }).end(body);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const { port: taken } = server.address() as { port: number };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The path of a request, decoded; null where there is none. */
function pathOf(url = "/"): string | null {
  try {
    return decodeURIComponent(new URL(url, "http://console").pathname);
  } catch {
    return null;
  }
}
