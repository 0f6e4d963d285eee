import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { formatServiceMetadata } from "@demec/protocol";
import { COMPILE_CACHE } from "../../scripts/local/jsonProcess.ts";
import { LocalMarket, USD } from "../../test/support/localMarket.ts";
import { ECHO } from "../executor/echo.ts";
import type { Answers, Task } from "./paidBuyer.ts";
import { treeCpuMicros } from "./processCpu.ts";

const CREDIT = 10n ** 18n;
/** What a buyer of such calls would put into one session: some dollars, a tenth of it unsigned at most by the default policy. */
const SESSION_CREDITS = 100n * CREDIT;
/** What the publisher of an echo would set: enough for the call, so that the worst case of a call is close to its price. */
const LIMITS = { bitOps: 100_000n, floatOps: 0n, memoryPages: 1, outputBytes: 1024 };

/**
 * A whole market around paid calls: chain, DHT and a provider as processes, the provider with its sandboxed executor, a
 * buyer in a process of its own; journals of both on disk.
 */
export class PaidCalls {
  readonly #market: LocalMarket;
  readonly #providerPid: number;
  readonly #buyer: ChildProcess;

  static async start(): Promise<PaidCalls> {
    const market = await LocalMarket.start();
    try {
      const metadata = formatServiceMetadata({ name: "echo", shape: "reactor", limits: LIMITS });
      const service = await market.publish(ECHO, { metadata });
      const provider = await market.spawnProvider({ services: [service], args: ["--tcp", "127.0.0.1:0"] });
      const account = await market.account({ usd: 1_000n * USD });
      const settings = JSON.stringify([service, `${SESSION_CREDITS}`, `${1_000n * USD}`]);
      const buyer = fork(join(import.meta.dirname, "paidBuyer.ts"), [settings], {
        env: { ...process.env, ...COMPILE_CACHE, ...market.environment(account) },
      });
      const calls = new PaidCalls(market, provider.process.child.pid!, buyer);
      await calls.#answer();
      return calls;
    } catch (error) {
      await market.stop();
      throw error;
    }
  }

  private constructor(market: LocalMarket, providerPid: number, buyer: ChildProcess) {
    this.#market = market;
    this.#providerPid = providerPid;
    this.#buyer = buyer;
  }

  /** Has the buyer do something. */
  perform<T extends Task>(task: T): Promise<Answers[T["type"]]> {
    const answer = this.#answer<Answers[T["type"]]>();
    this.#buyer.send(task);
    return answer;
  }

  /** CPU time of both ends so far, the provider's executor included; microseconds. */
  async cpuMicros(): Promise<number> {
    const { cpuMicros } = await this.perform({ type: "cpu" });
    return cpuMicros + treeCpuMicros(this.#providerPid);
  }

  async stop(): Promise<void> {
    this.#buyer.disconnect();
    await new Promise((resolve) => this.#buyer.once("exit", resolve));
    await this.#market.stop();
  }

  #answer<T>(): Promise<T> {
    return new Promise((resolve, reject) => {
      const exit = (code: number | null) => reject(new Error(`The buyer ended with code ${code}.`));
      this.#buyer.once("exit", exit);
      this.#buyer.once("message", (message: { readonly answer: T } | { readonly error: string }) => {
        this.#buyer.off("exit", exit);
        if ("error" in message) reject(new Error(message.error));
        else resolve(message.answer);
      });
    });
  }
}
