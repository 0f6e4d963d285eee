import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "@demec/protocol/testing";
import type { JsonProcess } from "../../scripts/local/jsonProcess.ts";
import type { LocalMarket, TestAccount } from "../support/localMarket.ts";
import type { Killable } from "./killable.ts";
import type { Ledger } from "./ledger.ts";
import type { SessionReport, SteadyLine, SteadyOrder, SteadyTask } from "./steadyBuyer.ts";

type Said<K extends string> = Extract<SteadyLine, Record<K, unknown>>;

/** A buyer's process, seen from outside: whatever it says goes into the ledger; killed and started again it has a new life. */
export class SteadyBuyer implements Killable {
  readonly name: string;
  readonly account: TestAccount;
  /** Folder of its journal. */
  readonly journal: string;
  readonly #market: LocalMarket;
  readonly #ledger: Ledger;
  readonly #task: Omit<SteadyTask, "name">;
  readonly #env: Readonly<Record<string, string>>;
  #process!: JsonProcess;
  #reading!: Promise<void>;
  #life = 0;
  #answers = 0;
  #ready = false;
  #paused = false;
  #reports: readonly SessionReport[] | null = null;
  #left: Said<"left">["left"] | null = null;
  #wrong: unknown = null;
  /** Most calls that one life has begun; known of each by its running number. */
  readonly #begun: number[] = [];

  /** @param env of its processes, beside what leads them into the market */
  constructor(
    name: string,
    account: TestAccount,
    market: LocalMarket,
    ledger: Ledger,
    task: Omit<SteadyTask, "name">,
    env: Readonly<Record<string, string>>,
  ) {
    this.name = name;
    this.account = account;
    this.#market = market;
    this.#ledger = ledger;
    this.#task = task;
    const dataDir = market.newFolder();
    this.#env = { ...market.environment(account, dataDir), ...env };
    this.journal = join(dataDir, "journal");
    this.#start();
  }

  /** Answers in this life. */
  get answers(): number {
    this.#assertWell();
    return this.#answers;
  }

  get process(): JsonProcess {
    return this.#process;
  }

  async kill() {
    await this.#process.kill("SIGKILL");
    await this.#reading;
    return async () => {
      this.#start();
      await until(`${this.name} is ready`, () => this.#isReady(), 120_000);
    };
  }

  ready(): Promise<unknown> {
    return until(`${this.name} is ready`, () => this.#isReady(), 120_000);
  }

  /** Makes no further calls. @returns its sessions, once what was acknowledged is signed for */
  async pause(): Promise<readonly SessionReport[]> {
    this.#paused = false;
    this.#reports = null;
    this.#say({ order: "pause" });
    await until(`${this.name} pauses`, () => this.#assertWell() ?? this.#paused, 120_000);
    // All answers are in the ledger by now.
    this.#say({ order: "report", unproven: this.#ledger.unproven(this.name) });
    return until(`${this.name} reports`, () => this.#assertWell() ?? this.#reports, 120_000);
  }

  go(): void {
    this.#say({ order: "go" });
  }

  /** Closes its sessions as far as that goes. */
  async leave(): Promise<Said<"left">["left"]> {
    this.#left = null;
    this.#say({ order: "leave" });
    return until(`${this.name} leaves`, () => this.#assertWell() ?? this.#left, 180_000);
  }

  async end(): Promise<void> {
    assert.equal(await this.#process.end(), 0, this.#process.log.join("\n"));
    await this.#reading;
  }

  /** Every input that any of its lives may have called with. */
  *inputs(): Generator<string> {
    // A life that was killed may have begun a few calls more than it told the end of.
    for (const [life, begun] of this.#begun.entries())
      for (let i = 0; i <= begun + 64; i++) yield `${this.name} ${life} ${i}`;
  }

  #start(): void {
    const life = this.#life++;
    this.#begun[life] = 0;
    this.#answers = 0;
    this.#ready = false;
    const task: SteadyTask = { ...this.#task, name: `${this.name} ${life}` };
    const env = this.#env;
    this.#process = this.#market.spawn("test/faults/steadyBuyer.ts", [JSON.stringify(task)], { env });
    this.#reading = this.#read(this.#process, life);
  }

  async #read(process: JsonProcess, life: number): Promise<void> {
    for (;;) {
      const line = (await process.nextObject().catch(() => null)) as SteadyLine | null;
      if (line === null) return;
      try {
        this.#hear(line, life);
      } catch (error) {
        this.#wrong ??= error;
      }
    }
  }

  #hear(line: SteadyLine, life: number): void {
    if ("ready" in line) this.#ready = true;
    else if ("paused" in line) this.#paused = true;
    else if ("reports" in line) this.#reports = line.reports;
    else if ("left" in line) this.#left = line.left;
    else {
      const { input } = "answered" in line ? line.answered : line.failed;
      this.#begun[life] = Math.max(this.#begun[life]!, Number(input.split(" ").at(-1)));
      if ("answered" in line) {
        this.#answers++;
        this.#ledger.enterAnswer(this.name, line.answered);
      } else {
        this.#ledger.enterFailure(line.failed.input, line.failed.code);
      }
    }
  }

  /** What was said doesn't add up, or it died unasked. */
  #assertWell(): undefined {
    if (this.#wrong !== null) throw this.#wrong;
    const { exitCode } = this.#process.child;
    if (exitCode !== null) assert.fail(`${this.name} ended with ${exitCode}:\n${this.#process.log.join("\n")}`);
  }

  #isReady(): boolean {
    this.#assertWell();
    return this.#ready;
  }

  #say(order: SteadyOrder): void {
    this.#process.child.stdin.write(`${JSON.stringify(order)}\n`);
  }
}
