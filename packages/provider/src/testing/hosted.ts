import {
  type ExecutionRequest,
  type Frame,
  type Hex,
  METER_VERSION,
  type SessionFrame,
  type SessionMessage,
  STATUS,
} from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import { defaultPolicy, type Journal, MemoryJournal, ProviderSession } from "@demec/session";
import { privateKeyToAddress } from "viem/accounts";
import { CallGuard } from "../callGuard.ts";
import type { ExecutorPort } from "../executorPort.ts";
import { HostedSession } from "../hostedSession.ts";

// For tests: a hosted session with its real engine, and calls for it.

const CREDIT = 10n ** 18n;
export const OPERATOR_KEY: Hex = `0x${"0a".repeat(32)}`;
export const SESSION_KEY: Hex = `0x${"0b".repeat(32)}`;
export const OWNER: Hex = `0x${"0d".repeat(20)}`;
export const BUYER: Hex = `0x${"0e".repeat(20)}`;
export const SESSION_ID: Hex = `0x${"5e".repeat(32)}`;
export const DOMAIN = { chainId: 31337, verifyingContract: `0x${"12".repeat(20)}` } as const;
const HASH: Hex = `0x${"00".repeat(32)}`;

/** Gives the input back for one bit operation a byte. */
export const echo: Pick<ExecutorPort, "run"> = {
  run: async ({ request: { input } }) => ({
    status: STATUS.ok,
    exitCode: 0,
    output: input,
    stderr: new Uint8Array(0),
    bitOps: BigInt(input.length),
    floatOps: 0n,
    durationMs: 1,
  }),
};

export interface Happenings {
  finals: number;
  readonly halts: string[];
  readonly broken: unknown[];
}

export function hosted({
  journal = new MemoryJournal(),
  executor = echo,
  guard = new CallGuard(() => undefined, null, { audience: "", subject: BUYER }),
  now = () => performance.now(),
}: {
  journal?: Journal;
  executor?: Pick<ExecutorPort, "run">;
  guard?: CallGuard;
  now?: () => number;
} = {}): { session: HostedSession; happened: Happenings } {
  const happened: Happenings = { finals: 0, halts: [], broken: [] };
  const operator = privateKeyToAddress(OPERATOR_KEY);
  const sessionKey = privateKeyToAddress(SESSION_KEY);
  const moduleHash = new Uint8Array(32).fill(METER_VERSION);
  const session = new HostedSession({
    onChain: {
      sessionId: SESSION_ID,
      params: {
        offerDigest: HASH,
        serviceId: 1n,
        provider: OWNER,
        operator,
        buyer: BUYER,
        sessionKey,
        paymentToken: `0x${"99".repeat(20)}`,
        credits: CREDIT,
        value: 1_000_000n,
        bond: 0n,
        openedAt: 0n,
        challengePeriod: 3600,
        toleranceBps: 0,
        rebateBps: 0,
        bondPenaltyBps: 0,
        demandMaxInputBytes: 0,
        demandWindow: 0,
        demandDeposit: 0n,
      },
    },
    engine: new ProviderSession({
      terms: {
        sessionId: SESSION_ID,
        domain: DOMAIN,
        operator,
        sessionKey,
        credits: CREDIT,
        moduleHash,
        tariff: { a: 1_000_000n, b: 0n, c: 0n, d: 0n, e: 0n, f: 0n },
        maxLatencyMs: 0,
      },
      policy: defaultPolicy(CREDIT),
      operatorPrivateKey: OPERATOR_KEY,
    }),
    journal,
    executor,
    guard,
    maxDeadlineMs: 1_000,
    now,
    onFinal: () => happened.finals++,
    onHalt: (code) => happened.halts.push(code),
    onBroken: (error) => happened.broken.push(error),
  });
  return { session, happened };
}

export function requestOf(text: string, limits: Partial<ExecutionRequest["limits"]> = {}): ExecutionRequest {
  return bareRequest({
    input: new TextEncoder().encode(text),
    limits: { bitOps: 1_000n, floatOps: 0n, memoryPages: 16, outputBytes: 1_000, ...limits },
  });
}

export function invokeOf(callId: number, text: string): SessionMessage {
  return { type: "invoke", callId, request: requestOf(text), deadlineMs: 1_000 };
}

/** Frames that came, and the next of a kind. */
export class Inbox {
  readonly frames: Frame[] = [];
  #wake: () => void = () => {};

  readonly put = (frame: Frame): void => {
    this.frames.push(frame);
    this.#wake();
  };

  async next<T extends Frame["type"]>(type: T): Promise<Extract<Frame, { type: T }>> {
    for (;;) {
      const index = this.frames.findIndex((frame) => frame.type === type);
      if (index >= 0) return this.frames.splice(index, 1)[0] as Extract<Frame, { type: T }>;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async nextMessage(): Promise<SessionFrame["message"]> {
    return (await this.next("session")).message;
  }
}
