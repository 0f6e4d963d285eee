// The buyer of the paid calls, in its own process: SDK, journal on disk, a session like any other. Takes one task at a
// time by message and answers it with one.
import { connect } from "@demec/sdk/node";
import { EchoedCalls } from "./echoedCalls.ts";
import { closedLoop, type OpenLoopFigures, openLoop, sequentialP50Us } from "./load.ts";
import { ownCpuMicros } from "./processCpu.ts";

export type Task =
  | { readonly type: "closedLoop"; readonly calls: number; readonly inFlight: number }
  | { readonly type: "openLoop"; readonly callsPerSecond: number; readonly seconds: number }
  | { readonly type: "sequential"; readonly calls: number }
  | { readonly type: "cpu" }
  | { readonly type: "account" };

/** What the session came to, by the buyer's books. */
export interface Account {
  /** Calls that ended well. */
  readonly calls: number;
  /** Calls that did not, for which the provider may still have worked. */
  readonly failed: number;
  /** 18 decimals, in decimal digits. */
  readonly credits: string;
  readonly signedCredits: string;
  readonly signedInvocations: number;
  readonly states: number;
}

export interface Answers {
  readonly closedLoop: { readonly perSecond: number };
  readonly openLoop: OpenLoopFigures;
  readonly sequential: { readonly p50Us: number };
  readonly cpu: { readonly cpuMicros: number };
  readonly account: Account;
}

const [serviceName, sessionCredits, budget] = JSON.parse(process.argv[2]!) as [string, string, string];

const demec = await connect();
const service = await demec.service(serviceName, {
  region: "eu-de-fra",
  sessionCredits: BigInt(sessionCredits),
  budget: BigInt(budget),
});
const session = await service.session();
const calls = new EchoedCalls(service);

async function perform(task: Task): Promise<Answers[Task["type"]]> {
  switch (task.type) {
    case "closedLoop":
      return { perSecond: await closedLoop(calls.call, task.calls, task.inFlight) };
    case "openLoop":
      return openLoop(calls.call, task.callsPerSecond, task.seconds);
    case "sequential":
      return { p50Us: await sequentialP50Us(calls.call, task.calls) };
    case "cpu":
      return { cpuMicros: ownCpuMicros() };
    case "account": {
      const { state } = await session.finalise(30_000);
      return {
        calls: calls.ended,
        failed: calls.begun - calls.ended,
        credits: `${calls.credits}`,
        signedCredits: `${state.creditsUsed}`,
        signedInvocations: Number(state.invocations),
        states: Number(state.seq),
      };
    }
  }
}

process.on("message", (task: Task) => {
  perform(task).then(
    (answer) => process.send!({ answer }),
    (error) => process.send!({ error: String(error) }),
  );
});
process.once("disconnect", () => void demec.close().then(() => process.exit()));
process.send!({ answer: "ready" });
