/** The compilers that turn the sources of example functions into WebAssembly, and whether this machine has them. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a compiler is asked for; paths are absolute, or relative to `folder`. */
export interface Job {
  /** Working directory: some flags name files relative to it. */
  readonly folder: string;
  readonly sources: readonly string[];
  readonly output: string;
  readonly flags: readonly string[];
}

export interface Toolchain {
  /** Why it cannot be used here, in one line with what to install; undefined: it can. */
  missing(): string | undefined;
  compile(job: Job): Promise<void>;
}

const assemblyScript: Toolchain = {
  missing: () => undefined,
  async compile({ folder, sources, output, flags }) {
    const asc = join(dirname(fileURLToPath(import.meta.resolve("assemblyscript/asc"))), "../bin/asc.js");
    // A process of its own: the shim names its library relative to the working directory.
    await run(process.execPath, [asc, ...sources, "--outFile", output, ...flags], { cwd: folder });
  },
};

const C_TARGET = ["--target=wasm32-wasi"];

const clang: Toolchain = {
  missing: once(() =>
    // Linking shows all four at once: compiler, linker, C library and the compiler's own runtime.
    succeeds("clang", [...C_TARGET, "-x", "c", "-", "-o", "/dev/null"], "int main(void) { return 0; }")
      ? undefined
      : "no clang for wasm32-wasi (Debian: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32)",
  ),
  async compile({ folder, sources, output, flags }) {
    await run("clang", [...C_TARGET, ...sources, "-o", output, ...flags], { cwd: folder });
  },
};

/** Rustup's compiler may stand before Debian's and lack the target; the target changed its name in Rust 1.78. */
const rust = once(() =>
  ["rustc", "/usr/bin/rustc"]
    .flatMap((command) => ["wasm32-wasip1", "wasm32-wasi"].map((target) => ({ command, target })))
    .find(({ command, target }) => {
      const folder = answer(command, ["--print", "target-libdir", "--target", target]);
      return folder !== undefined && existsSync(folder);
    }),
);

/** The compiler for Rust that has the target, if any: a name on the path, or a path. */
export const rustCompiler = (): string | undefined => rust()?.command;

const rustc: Toolchain = {
  missing: () =>
    rust() === undefined
      ? "no rustc for wasm32-wasip1 (Debian: apt-get install rustc libstd-rust-dev-wasm32 lld; rustup: rustup target add wasm32-wasip1)"
      : undefined,
  async compile({ folder, sources, output, flags }) {
    const { command, target } = rust()!;
    const args = ["--edition", "2021", "--target", target, ...sources, "-o", output, ...flags];
    await run(command, args, { cwd: folder });
  },
};

export const TOOLCHAINS = { assemblyScript, clang, rustc } as const;

function once<T>(ask: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: ask() };
    return known.value;
  };
}

function answer(command: string, args: readonly string[], input = ""): string | undefined {
  try {
    return execFileSync(command, args, { input, stdio: ["pipe", "pipe", "ignore"], encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

function succeeds(command: string, args: readonly string[], input: string): boolean {
  return answer(command, args, input) !== undefined;
}
