import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const CRATE = join(import.meta.dirname, "corpus");
const MANIFEST = join(CRATE, "Cargo.toml");

const BATCH = 1000;

/** The seeds that a run is about, in batches: DEMEC_MODULES of them (2,000), from DEMEC_FIRST_SEED (0). */
export function seeds(): { count: number; batches: readonly { readonly from: number; readonly to: number }[] } {
  const [first, count] = [Number(process.env.DEMEC_FIRST_SEED ?? 0), Number(process.env.DEMEC_MODULES ?? 2000)];
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => ({
    from: first + i * BATCH,
    to: first + Math.min((i + 1) * BATCH, count),
  }));
  return { count, batches };
}

/** Why the tool can't be had, or undefined when it can. */
export function whyNoCorpus(): string | undefined {
  try {
    execFileSync("cargo", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "cargo is not installed: the corpus tool (test/wasm/corpus) can't be built";
  }
}

/** Builds the tool; the first time this compiles its dependencies. Returns the path of its program. */
export async function buildCorpusTool(): Promise<string> {
  const args = ["build", "--quiet", "--locked", "--manifest-path", MANIFEST, "--target-dir", join(CRATE, "target")];
  await promisify(execFile)("cargo", args, { maxBuffer: 1 << 24 });
  return join(CRATE, "target/debug/wasm-corpus");
}

/** Random modules of the seeds `from` to `to` - 1. */
export async function randomModules(tool: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const options = { encoding: "buffer", maxBuffer: 1 << 30 } as const;
  const { stdout } = await promisify(execFile)(tool, ["smith", String(from), String(to)], options);
  const modules: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < stdout.length; ) {
    const length = stdout.readUInt32LE(at);
    modules.push(new Uint8Array(stdout.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return modules;
}

/** Every script of the specification's suite. */
export async function specScripts(tool: string): Promise<SpecScript[]> {
  const { stdout } = await promisify(execFile)(tool, ["spec"], { maxBuffer: 1 << 28 });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as SpecScript);
}

export interface SpecScript {
  /** The suite it belongs to: `wasm-v2`, or a proposal. */
  readonly suite: string;
  readonly file: string;
  readonly commands: readonly SpecCommand[];
}

/** A value: bits as hexadecimal bytes in memory order; of a reference what it refers to, null for nothing. */
export interface SpecValue {
  readonly type: string;
  readonly bits?: string;
  readonly to?: number | null;
}

/** What a result must be: lane by lane its bits, or that it is a canonical or an arithmetic NaN. */
export interface SpecResult {
  readonly type: string;
  readonly lanes?: readonly string[];
  readonly to?: number | null | "any";
}

export interface SpecAction {
  readonly module?: string;
  readonly function?: string;
  readonly global?: string;
  readonly args?: readonly SpecValue[];
}

export interface SpecCommand {
  readonly kind: string;
  readonly line: number;
  /** Of a module: its binary; none: its text is malformed. */
  readonly bytes?: string;
  readonly name?: string;
  readonly as?: string;
  readonly module?: string;
  readonly action?: SpecAction;
  readonly results?: readonly SpecResult[];
}
