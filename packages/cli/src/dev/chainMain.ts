// A development chain as a process: says where it listens, and ends when whoever started it lets go or is gone.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

/** What is sent to the process that started it. */
export type FromChain = { readonly rpcUrl: string } | { readonly failed: string };

const HOST = "127.0.0.1";
/** As Anvil's packages name processors. */
const PROCESSORS: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** The program of this platform. @throws Error where there is none */
function anvil(): string {
  const name = `@foundry-rs/anvil-${process.platform}-${PROCESSORS[process.arch] ?? process.arch}`;
  // It is a dependency of Anvil's package, and of no other.
  const require = createRequire(import.meta.resolve("@foundry-rs/anvil/package.json"));
  return require.resolve(`${name}/bin/anvil${process.platform === "win32" ? ".exe" : ""}`);
}

const say = (message: FromChain) => process.send?.(message);

try {
  const child = spawn(anvil(), ["--host", HOST, "--port", "0", "--chain-id", "31337"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.once("error", (error) => say({ failed: error.message }));
  child.once("exit", (code) => {
    say({ failed: `it ended with code ${code}` });
    process.exit();
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill("SIGTERM"));
  process.once("disconnect", () => child.kill("SIGTERM"));
  createInterface(child.stdout).on("line", (line) => {
    const [, port] = /^Listening on .*:(\d+)$/.exec(line) ?? [];
    if (port !== undefined) say({ rpcUrl: `http://${HOST}:${port}` });
  });
} catch (error) {
  say({ failed: (error as Error).message });
  process.disconnect?.();
}
