// A process of `demec bench`: holds some of the clients, calls by the schedule, counts. Started by benchProcesses.ts.
import { join } from "node:path";
import { type Deployment, parseDeployment } from "@demec/chain";
import { isDemecError } from "@demec/protocol";
import { type CallResult, makeRequest, type Service, verifyReceipt } from "@demec/sdk";
import { type ConnectedDemec, connect } from "@demec/sdk/node";
import { privateKeyToAccount } from "viem/accounts";
import { readKey } from "../config.ts";
import { openLoop } from "./openLoop.ts";
import type { BenchTask, FromWorker, ToWorker } from "./port.ts";
import { Tally } from "./tally.ts";

/** Calls under way in one process at most; those that would be more are counted as errors and not sent. */
const MAX_UNDER_WAY = 20_000;

/** Sessions that are being opened at a time: an offer must not grow old while others pay. */
const MAX_OPENING = 8;

const say = (message: FromWorker) => process.send!(message);

class Worker {
  readonly #task: BenchTask;
  readonly #deployment: Deployment;
  readonly #open: ConnectedDemec[] = [];
  /** Of each client, its way to call: light ones have the same. */
  readonly #services: Service[] = [];
  readonly #tally = new Tally();
  readonly #providers = new Set<string>();
  readonly #verifications: Promise<void>[] = [];
  #receiptsVerified = 0;
  #underWay = 0;

  constructor(task: BenchTask) {
    this.#task = task;
    this.#deployment = parseDeployment(task.deployment);
  }

  /** Opens every client's session, some at a time; what they pay from their wallet, they pay in turn. */
  async open(): Promise<void> {
    const clients = [...this.#task.clients.entries()];
    let shared: Promise<Service> | undefined;
    const opener = async () => {
      for (let next = clients.shift(); next !== undefined; next = clients.shift()) {
        const [index, { kind }] = next;
        if (kind === "light") shared ??= this.#connect(undefined);
        this.#services[index] = await (kind === "full"
          ? this.#connect(join(this.#task.folder, `${process.pid}-${index}`))
          : shared!);
      }
    };
    await Promise.all(Array.from({ length: MAX_OPENING }, opener));
  }

  async run(atMs: number): Promise<void> {
    const { clients, periodMs, warmUpMs, measuredMs } = this.#task;
    const fromMs = atMs - performance.timeOrigin;
    const measuredFromMs = fromMs + warmUpMs;
    const calls = new Set<Promise<void>>();
    let cpu = process.cpuUsage();
    let isWarm = false;
    await openLoop({
      fromMs,
      untilMs: measuredFromMs + measuredMs,
      periodMs,
      phases: clients.map(({ phase }) => phase),
      send: (client, dueMs) => {
        if (!isWarm && dueMs >= measuredFromMs) {
          isWarm = true;
          cpu = process.cpuUsage();
        }
        const call: Promise<void> = this.#call(client, dueMs, measuredFromMs).finally(() => calls.delete(call));
        calls.add(call);
      },
    });
    await Promise.all(calls);
    const { user, system } = process.cpuUsage(cpu);
    await Promise.all(this.#verifications);
    say({
      type: "done",
      tally: this.#tally.report(),
      providers: [...this.#providers],
      receiptsVerified: this.#receiptsVerified,
      cpuMs: (user + system) / 1000,
    });
  }

  async leave(): Promise<void> {
    for (const service of new Set(this.#services)) await service.close();
    for (const demec of this.#open) await demec.close();
  }

  async #connect(dataDir: string | undefined): Promise<Service> {
    const { service, rpcUrl, bootstrap, host, region, sessionCredits, budget } = this.#task;
    const demec = await connect({
      account: privateKeyToAccount(readKey("DEMEC_PRIVATE_KEY")),
      rpcUrl,
      deployment: this.#deployment,
      network: { bootstrap, host },
      dataDir,
    });
    this.#open.push(demec);
    const opened = await demec.service(service, {
      region,
      sessionCredits: BigInt(sessionCredits),
      budget: BigInt(budget),
    });
    await opened.session();
    return opened;
  }

  async #call(client: number, dueMs: number, measuredFromMs: number): Promise<void> {
    const { input, deadlineMs, clients } = this.#task;
    const service = this.#services[client]!;
    const isMeasured = dueMs >= measuredFromMs;
    if (isMeasured) this.#tally.sent++;
    const fail = (code: string) => {
      if (isMeasured) this.#tally.failed(code);
    };
    if (this.#underWay >= MAX_UNDER_WAY) return fail("bench/not-sent");
    this.#underWay++;
    try {
      const result = await service.invoke(input, { deadlineMs });
      this.#providers.add(result.session.nodeKey);
      if (result.status !== "ok") return fail(`status:${result.status}`);
      if (!isMeasured) return;
      this.#tally.answered(dueMs - measuredFromMs, performance.now() - measuredFromMs);
      if (clients[client]!.kind === "full") this.#verifications.push(this.#verify(service, result));
    } catch (error) {
      fail(isDemecError(error) ? error.code : "unexpected");
    } finally {
      this.#underWay--;
    }
  }

  /** What a client that trusts nobody does with each result: proves its receipt under a state that both signed. */
  async #verify(service: Service, { callId, session, ...result }: CallResult): Promise<void> {
    try {
      verifyReceipt({
        deployment: this.#deployment,
        params: session.params,
        sessionId: session.sessionId,
        codeHash: service.terms.codeHash,
        request: makeRequest(new TextEncoder().encode(this.#task.input), {}, service.metadata),
        result,
        proven: await session.prove(callId),
      });
      this.#receiptsVerified++;
    } catch (error) {
      this.#tally.failed(`receipt:${isDemecError(error) ? error.code : "unexpected"}`);
    }
  }
}

let worker: Worker | undefined;
process.on("message", async (message: ToWorker) => {
  try {
    if (message.type === "open") {
      worker = new Worker(message.task);
      await worker.open();
      say({ type: "ready" });
    } else if (message.type === "go") {
      await worker!.run(message.atMs);
    } else {
      await worker!.leave();
      say({ type: "left" });
      process.disconnect();
    }
  } catch (error) {
    const code = isDemecError(error) ? error.code : "unexpected";
    say({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
  }
});
// Whoever started it is gone.
process.on("disconnect", () => process.exit());
