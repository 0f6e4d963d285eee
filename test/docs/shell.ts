import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** How long one block may take, and how often it is looked whether it is done; milliseconds. */
const LONGEST_MS = 100_000;
const LOOK_MS = 20;

/** A shell that runs one block after the other, as a reader does in one terminal: `cd` and `export` last. */
export class Shell {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #stdout = "";
  #stderr = "";
  #blocks = 0;
  readonly #closed: Promise<unknown>;

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn("sh", ["-e"], { cwd, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    this.#closed = once(this.#child, "close");
    this.#child.stdout.setEncoding("utf8").on("data", (text) => {
      this.#stdout += text;
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text) => {
      this.#stderr += text;
    });
  }

  /** @returns what the block said on stdout. @throws Error with all it said when one of its commands fails */
  async run(block: string): Promise<string> {
    const mark = `\u0001${++this.#blocks}\u0001`;
    this.#say(`{\n${block}\n} </dev/null\nprintf '${mark}'`);
    await this.#until(() => this.#stdout.includes(mark));
    return this.#stdout.slice(0, this.#stdout.indexOf(mark));
  }

  /** Starts a block that does not end, such as a server, and waits until it says a text. */
  async start(block: string, text: string): Promise<void> {
    this.#say(`{\n${block}\n} </dev/null 1>&2 &`);
    await this.#until(() => this.#stderr.includes(text));
  }

  /** Interrupts whatever runs, in this shell and below it, and waits for its end. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    try {
      process.kill(-this.#child.pid!, "SIGTERM");
    } catch {
      // All of it has ended already.
    }
    await this.#closed;
  }

  #say(lines: string): void {
    this.#stdout = "";
    this.#stderr = "";
    this.#child.stdin.write(`${lines}\n`);
  }

  async #until(done: () => boolean): Promise<void> {
    const latest = performance.now() + LONGEST_MS;
    while (!done()) {
      if (this.#child.exitCode !== null) throw this.#failure(`The shell ended with ${this.#child.exitCode}`);
      if (performance.now() > latest) throw this.#failure(`The block took longer than ${LONGEST_MS} ms`);
      await sleep(LOOK_MS);
    }
  }

  #failure(what: string): Error {
    return new Error(`${what}. It said:\n${this.#stdout}${this.#stderr}`);
  }
}
