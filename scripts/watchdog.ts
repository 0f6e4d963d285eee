import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Longer than any test may take, or any compiler says nothing. */
const SILENCE_MS = 10 * 60_000;

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/**
 * Ends what says nothing any more, so that a run always ends and tells where it stood: a test whose process never ends (one
 * that failed and left something waiting, a runtime that hangs at its exit) would hold all the others up for ever.
 * Of `node --test` only the file that hangs is ended, which its runner counts as failed; of anything else the whole.
 * @param onEnded gets a line for people about each process that was ended
 */
export class Watchdog {
  readonly #pid: number;
  readonly #silenceMs: number;
  readonly #onEnded: (line: string) => void;
  #timer: NodeJS.Timeout;

  constructor(pid: number, onEnded: (line: string) => void, silenceMs = SILENCE_MS) {
    this.#pid = pid;
    this.#silenceMs = silenceMs;
    this.#onEnded = onEnded;
    this.#timer = this.#wait();
  }

  /** It has said something. */
  feed(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(): NodeJS.Timeout {
    return setTimeout(() => void this.#bite(), this.#silenceMs);
  }

  async #bite(): Promise<void> {
    this.#timer = this.#wait();
    const all = await running();
    const whole = { pid: this.#pid, parent: process.pid, command: "the whole step" };
    const own = [this.#pid, ...descendants(all, this.#pid)];
    const runner = all.find(({ pid, command }) => own.includes(pid) && /^\S*node\S* .*--test /.test(command));
    const hung = runner === undefined ? [whole] : all.filter(({ parent }) => parent === runner.pid);
    for (const { pid, command } of hung) {
      this.#onEnded(`Nothing was heard for ${this.#silenceMs / 1_000} s; ended: …${command.slice(-160)}`);
      // Its children first: without it they would be nobody's.
      for (const one of [...descendants(all, pid).reverse(), pid]) kill(one);
    }
  }
}

/** None where there is no `ps`. */
async function running(): Promise<Running[]> {
  const list = promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,args="]);
  const text = await list.then(
    ({ stdout }) => stdout,
    () => "",
  );
  return text.split("\n").flatMap(parse);
}

function parse(line: string): Running[] {
  const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
  return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
}

/** Parents before their children. */
function descendants(all: readonly Running[], pid: number): number[] {
  const children = all.filter(({ parent }) => parent === pid).map((child) => child.pid);
  return children.flatMap((child) => [child, ...descendants(all, child)]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
