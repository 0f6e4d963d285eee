import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * forge's own binary. The launcher that npm links doesn't pass on how it ended, nor a SIGKILL.
 * @returns null on a platform without one
 */
export function forgePath(): string | null {
  const launcher = createRequire(import.meta.url).resolve("@foundry-rs/forge/package.json");
  const platform = process.platform === "win32" ? "win32" : process.platform;
  const name = `@foundry-rs/forge-${platform}-${ARCHITECTURES[process.arch]}`;
  try {
    return createRequire(launcher).resolve(`${name}/bin/${process.platform === "win32" ? "forge.exe" : "forge"}`);
  } catch {
    return null;
  }
}

export interface ForgeOptions {
  /** Section of foundry.toml. */
  readonly profile: string;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/** Runs forge to its end. @throws where there is none: ask {@link forgePath} first */
export function runForge(
  args: readonly string[],
  { profile, cwd = ROOT, timeoutMs }: ForgeOptions,
): SpawnSyncReturns<string> {
  const forge = forgePath();
  if (forge === null) throw new Error(`forge has no binary for ${process.platform} on ${process.arch}.`);
  return spawnSync(forge, args, {
    cwd,
    env: { ...process.env, FOUNDRY_PROFILE: profile, NO_COLOR: "1" },
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    killSignal: "SIGKILL",
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
}
