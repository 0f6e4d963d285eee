// A buyer under steady load, in a process of its own, to be killed. It says what becomes of each call the moment that it knows, in
// lines of JSON; a write to a pipe is done when it returns, so that a kill takes nothing that was said.
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { forbidUdx } from "@demec/network/testing";
import { encodeReceipt, type Hex, isDemecError, type SignedState } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import type { CallResult, PaidSession, Service } from "@demec/sdk";
import { connect } from "@demec/sdk/node";
import { bytesToHex, sha256 } from "viem";
import { steadyCall } from "./steadyCall.ts";

export interface SteadyTask {
  readonly service: string;
  /** Its calls are this and a running number; see `steadyCall`. */
  readonly name: string;
  readonly sessionCredits: string;
  readonly warm: number;
  /** It reaches providers by TCP alone. */
  readonly tcpOnly: boolean;
}

/** What a test says on its standard input, a line of JSON each. */
export type SteadyOrder =
  /** Makes no further calls, and waits for those under way to be signed for. */
  | { readonly order: "pause" }
  /** Tells of its sessions, with proofs of these calls where it has them. */
  | { readonly order: "report"; readonly unproven: Readonly<Record<Hex, readonly number[]>> }
  | { readonly order: "go" }
  /** Closes all sessions as far as that goes. */
  | { readonly order: "leave" };

/** One of its sessions, with what it can prove of it. */
export interface SessionReport {
  readonly sessionId: Hex;
  readonly state: SignedState;
  /** Leaves under the state. */
  readonly size: number;
  /** Of the calls that were asked for, those under the state, with their paths to its root. */
  readonly proven: readonly { readonly callId: number; readonly leafIndex: number; readonly path: readonly Hex[] }[];
}

export type SteadyLine =
  | { readonly ready: true }
  | {
      readonly answered: {
        readonly input: string;
        /** SHA-256 of what came; null where nobody read it to its end. */
        readonly output: Hex | null;
        readonly sessionId: Hex;
        readonly callId: number;
        readonly receipt: Hex;
        readonly credits: string;
      };
    }
  /** `cut`: its reader left, which ended it. */
  | { readonly failed: { readonly input: string; readonly code: string } }
  | { readonly paused: true }
  | { readonly reports: readonly SessionReport[] }
  | { readonly left: { readonly settled: number; readonly closing: number } | { readonly code: string } };

const LANES = 4;
const PAUSE_MS = 25;
/** After a call that failed: where nobody can serve, asking again at once changes nothing. */
const FAILED_PAUSE_MS = 250;

const task: SteadyTask = JSON.parse(process.argv[2]!);
const say = (line: SteadyLine) =>
  process.stdout.write(`${JSON.stringify(line, (_key, value) => (typeof value === "bigint" ? `${value}` : value))}\n`);
const codeOf = (error: unknown) => (isDemecError(error) ? error.code : String(error));

if (task.tcpOnly) forbidUdx();
const demec = await connect();
const sessions = new Map<Hex, PaidSession>();
let going = true;
let underWay = 0;
let calls = 0;

/** Makes the call, and tells what became of its output. */
async function make(service: Service, name: string): Promise<{ result: CallResult; output: Hex | null }> {
  const { kind, input, limits } = steadyCall(name);
  const options = { deadlineMs: 10_000, limits };
  if (kind === "small" || kind === "large") {
    const result = await service.invoke(input, options);
    return { result, output: sha256(result.output) };
  }
  const stream = service.stream(input, options);
  // It is told to whoever reads.
  stream.result.catch(() => {});
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    if (kind === "cut") break;
  }
  // One that was left is over with, unless its end had come before.
  const result = await stream.result;
  return { result, output: kind === "cut" ? null : sha256(Buffer.concat(chunks)) };
}

async function call(service: Service): Promise<void> {
  const input = `${task.name} ${calls++}`;
  underWay++;
  try {
    const { result, output } = await make(service, input);
    const { sessionId } = result.session;
    sessions.set(sessionId, result.session);
    const receipt = bytesToHex(encodeReceipt(result.receipt));
    say({ answered: { input, output, sessionId, callId: result.callId, receipt, credits: `${result.credits}` } });
  } catch (error) {
    const isCut = error instanceof Error && error.name === "AbortError";
    say({ failed: { input, code: isCut ? "cut" : codeOf(error) } });
    if (!isCut) await sleep(FAILED_PAUSE_MS);
  } finally {
    underWay--;
  }
}

async function lane(service: Service): Promise<never> {
  for (;;) {
    await sleep(PAUSE_MS);
    if (going) await call(service);
  }
}

function reportOf(session: PaidSession, callIds: readonly number[]): SessionReport | null {
  const { state, sessionId, engine } = session;
  if (state === null) return null;
  let size = 0;
  const proven = callIds.flatMap((callId) => {
    const proof = engine.receiptFor(callId);
    if (proof === null) return [];
    size = proof.size;
    return [{ callId, leafIndex: proof.leafIndex, path: proof.path.map((hash) => bytesToHex(hash)) }];
  });
  return { sessionId, state, size, proven };
}

async function obey(order: SteadyOrder, service: Service): Promise<void> {
  switch (order.order) {
    case "pause": {
      going = false;
      await until("all calls have ended", () => underWay === 0, 60_000);
      const isSignedFor = (session: PaidSession) =>
        session.lost !== null || !session.attached || session.engine.uncovered === 0;
      // A session whose provider is away stays as it is.
      await until("all is signed for", () => [...sessions.values()].every(isSignedFor), 60_000);
      say({ paused: true });
      return;
    }
    case "report": {
      const reports = [...sessions.values()].map((session) =>
        reportOf(session, order.unproven[session.sessionId] ?? []),
      );
      say({ reports: reports.filter((report) => report !== null) });
      return;
    }
    case "go":
      going = true;
      return;
    case "leave":
      try {
        const progress = await service.close();
        const settled = progress.filter(({ type }) => type === "settled").length;
        say({ left: { settled, closing: progress.length - settled } });
      } catch (error) {
        say({ left: { code: codeOf(error) } });
      }
  }
}

/** The chain may be down just now. */
const service = await until(
  "the service is known",
  () =>
    demec
      .service(task.service, { sessionCredits: BigInt(task.sessionCredits), warm: task.warm, region: "eu-de" })
      .catch(() => null),
  120_000,
);
say({ ready: true });
for (let i = 0; i < LANES; i++) void lane(service);
for await (const line of createInterface(process.stdin)) await obey(JSON.parse(line), service);
going = false;
await demec.close();
process.exit(0);
