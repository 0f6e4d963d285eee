import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { DemecError } from "@demec/protocol";
import type { BenchTask, FromWorker, ToWorker } from "./port.ts";
import { Tally } from "./tally.ts";

const WORKER = new URL(import.meta.url.endsWith(".ts") ? "worker.ts" : "worker.js", import.meta.url);
/** Between telling the processes and the first call; milliseconds. */
const LEAD_MS = 500;

/** What all processes counted together. */
export interface Measured {
  readonly tally: Tally;
  readonly providers: number;
  readonly receiptsVerified: number;
  readonly clientCores: number;
}

/** One process that holds clients. */
class BenchProcess {
  readonly #child: ChildProcess;

  constructor() {
    // Sessions are the run's own: they are not kept where this account keeps its others.
    const env = { ...process.env, DEMEC_DATA_DIR: undefined };
    this.#child = fork(WORKER, { env, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  }

  /** @throws cli/bench-failed with the code that the process failed with */
  async ask<T extends FromWorker["type"]>(message: ToWorker, type: T): Promise<Extract<FromWorker, { type: T }>> {
    const ended = once(this.#child, "exit").then(([code]) => {
      throw new DemecError("cli/bench-failed", `A process of the measurement ended with code ${code}.`);
    });
    ended.catch(() => undefined);
    const answered = once(this.#child, "message");
    this.#child.send(message);
    const [answer] = (await Promise.race([answered, ended])) as [FromWorker];
    if (answer.type === type) return answer as Extract<FromWorker, { type: T }>;
    const { code, message: what } =
      answer.type === "failed" ? answer : { code: "", message: `It said ${answer.type}.` };
    throw new DemecError("cli/bench-failed", `A process of the measurement failed: ${what}`, { details: { code } });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/**
 * Runs the clients of each task in a process of its own, all by one clock.
 * @throws cli/bench-failed with the code of what failed
 */
export async function measure(tasks: readonly BenchTask[]): Promise<Measured> {
  const processes = tasks.map(() => new BenchProcess());
  try {
    // One after the other: processes that pay from one wallet at a time would give a nonce twice.
    for (const [index, process] of processes.entries()) {
      await process.ask({ type: "open", task: tasks[index]! }, "ready");
    }
    const atMs = performance.timeOrigin + performance.now() + LEAD_MS;
    const reports = await Promise.all(processes.map((process) => process.ask({ type: "go", atMs }, "done")));
    for (const process of processes) await process.ask({ type: "leave" }, "left");

    const tally = new Tally();
    for (const report of reports) tally.add(report.tally);
    const sum = (read: (report: (typeof reports)[number]) => number) =>
      reports.reduce((all, one) => all + read(one), 0);
    const measuredMs = Math.max(tasks[0]!.measuredMs, tally.lastMs);
    return {
      tally,
      providers: new Set(reports.flatMap(({ providers }) => providers)).size,
      receiptsVerified: sum(({ receiptsVerified }) => receiptsVerified),
      clientCores: sum(({ cpuMs }) => cpuMs) / measuredMs,
    };
  } finally {
    for (const process of processes) process.kill();
  }
}
