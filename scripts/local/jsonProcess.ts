import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

const ROOT = join(import.meta.dirname, "../..");
/** Compiled sources are kept here between processes: it halves the time a command takes to start. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/demec") };
/** Lines of stderr kept, to tell why a process ended. */
const KEPT_LINES = 40;

export interface JsonProcessOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Network namespace to run in; that of this process when left out. */
  readonly namespace?: string;
  /** Gets each line of stderr. */
  readonly onLog?: (line: string) => void;
  /** Out of the terminal's reach, so that Ctrl-C ends it only through this process, in order. */
  readonly detached?: boolean;
}

const live = new Set<ChildProcessByStdio<Writable, Readable, Readable>>();
/** Whoever is stopped from outside takes its processes along. */
const takeAlong = { SIGINT: () => leave(130), SIGTERM: () => leave(143) };
process.once("SIGINT", takeAlong.SIGINT);
process.once("SIGTERM", takeAlong.SIGTERM);

function leave(code: number): void {
  for (const child of live) child.kill("SIGTERM");
  process.exit(code);
}

/** A program of this repository in its own process, which says what it has to say in lines of JSON. */
export class JsonProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #path: string;
  readonly #lines: AsyncIterator<string>;
  readonly #log: string[] = [];

  /** @param path from the repository's root */
  constructor(
    path: string,
    args: readonly string[] = [],
    { env = {}, namespace, onLog, detached = false }: JsonProcessOptions = {},
  ) {
    this.#path = path;
    const inside = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
    const [command, ...rest] = [...inside, process.execPath, resolve(ROOT, path), ...args];
    this.child = spawn(command!, rest, {
      stdio: ["pipe", "pipe", "pipe"],
      // Hardhat looks for its configuration from here upwards.
      cwd: ROOT,
      detached,
      env: { ...process.env, ...COMPILE_CACHE, ...env },
    });
    live.add(this.child);
    this.child.once("exit", () => live.delete(this.child));
    this.#lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
    createInterface(this.child.stderr).on("line", (line) => {
      this.#log.push(line);
      if (this.#log.length > KEPT_LINES) this.#log.shift();
      onLog?.(line);
    });
  }

  /** What it last said on stderr, line by line. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** The next line that is an object. @throws with what it said on stderr when it ends first */
  async nextObject(): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`${this.#path} ended too early. It said on stderr:\n${this.#log.join("\n")}`);
      const line: unknown = JSON.parse(value);
      if (typeof line === "object" && line !== null) return line as Record<string, unknown>;
    }
  }

  /** That member of the next line which has it. */
  async next<T>(member: string): Promise<T> {
    for (;;) {
      const line = await this.nextObject();
      if (member in line) return line[member] as T;
    }
  }

  /** Lets it end by itself. @returns its exit code */
  async end(): Promise<number | null> {
    this.child.stdin.end();
    return this.#exit();
  }

  /** Waits for it to end well. @throws with what it said on stderr when it doesn't */
  async succeed(): Promise<void> {
    const code = await this.end();
    if (code !== 0)
      throw new Error(`${this.#path} ended with code ${code}. It said on stderr:\n${this.#log.join("\n")}`);
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.#exit();
  }

  async #exit(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    return this.child.exitCode;
  }
}
