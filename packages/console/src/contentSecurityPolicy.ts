import type { ConsoleSettings } from "./settings.ts";

/** Where a visitor may point the console in its settings, and where providers have their doors. */
const ANYWHERE_ENCRYPTED = ["https:", "wss:"];
const LOOPBACK = ["http://127.0.0.1:*", "http://localhost:*", "ws://127.0.0.1:*", "ws://localhost:*"];

/**
 * The content security policy of the console: scripts, styles and fonts of its own origin only, nothing inline; connections to
 * the chain's endpoints, to guides and to providers. Plain connections are for loopback only.
 */
export function contentSecurityPolicy({ rpcUrls, guides }: Pick<ConsoleSettings, "rpcUrls" | "guides">): string {
  const named = [...rpcUrls, ...guides.map(({ url }) => url)].map((url) => new URL(url).origin);
  const directives = {
    "default-src": ["'none'"],
    // Functions can be metered in the page: that compiles WebAssembly, and evaluates no text.
    "script-src": ["'self'", "'wasm-unsafe-eval'"],
    "style-src": ["'self'"],
    "font-src": ["'self'"],
    // Wallets bring their pictures as data.
    "img-src": ["'self'", "data:", "blob:"],
    "connect-src": [...new Set(["'self'", ...ANYWHERE_ENCRYPTED, ...LOOPBACK, ...named])],
    "worker-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(" "))
    .join("; ");
}
