import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** A program of this repository in its own process, which speaks JSON lines. */
export class JsonProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  /** @param path from the repository's root */
  constructor(path: string, args: readonly string[] = []) {
    const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
    this.child = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  /** The next line that has this member. */
  async next<T>(member: string): Promise<T> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`The process ended without saying ${member}.`);
      const line = JSON.parse(value);
      if (line[member] !== undefined) return line[member];
    }
  }

  /** Lets it end by itself. @returns its exit code */
  async end(): Promise<number | null> {
    this.child.stdin.end();
    return this.#exit();
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
