import { type Service, type SessionParams, sessionIdOf } from "@demec/chain";
import type { Connection } from "@demec/network/portable";
import { connectionPair } from "@demec/network/testing";
import { type ExecutionOutcome, type ExecutionRequest, type Hex, STATUS } from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import {
  defaultPolicy,
  type Effect,
  EffectPump,
  type ExposurePolicy,
  type Journal,
  MemoryJournal,
  ProviderSession,
} from "@demec/session";
import { bytesToHex, hexToBytes } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { PaidSession } from "../paidSession.ts";
import { ProviderLink } from "../providerLink.ts";

// For tests: a paid session and, at the other end of a real connection, the real engine of a provider.

const CREDIT = 10n ** 18n;
const OPERATOR_KEY: Hex = `0x${"0a".repeat(32)}`;
const SESSION_KEY: Hex = `0x${"0b".repeat(32)}`;
export const ESCROW: Hex = `0x${"12".repeat(20)}`;
export const CHAIN_ID = 31337;
export const CODE_HASH: Hex = bytesToHex(new Uint8Array(32).fill(7));
const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;
const ADDRESS: Hex = `0x${"0d".repeat(20)}`;

export const PARAMS: SessionParams = {
  offerDigest: ZERO_HASH,
  serviceId: 1n,
  provider: ADDRESS,
  operator: privateKeyToAddress(OPERATOR_KEY),
  buyer: `0x${"0e".repeat(20)}`,
  sessionKey: privateKeyToAddress(SESSION_KEY),
  paymentToken: ADDRESS,
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
};
export const SESSION_ID = sessionIdOf(PARAMS);

const SERVICE: Service = {
  serviceId: 1n,
  publisher: ADDRESS,
  codeHash: CODE_HASH,
  codeCore: ZERO_HASH,
  royaltyBps: 0,
  paymentToken: ADDRESS,
  // One credit unit a bit operation.
  tariff: { a: 1_000_000n, b: 0n, c: 0n, d: 0n, e: 0n, f: 0n },
  sla: { maxLatencyMs: 0, toleranceBps: 0, rebateBps: 0, bondPenaltyBps: 0 },
  challengePeriod: 3600,
  minBondPerCredit: 0n,
  meterVersion: 1,
  curve: { x1: 1n, x2: 2n, x3: 3n, y0: 0n, y1: 0n, y2: 0n, y3: 1n },
};

export function requestOf(text: string, limits: Partial<ExecutionRequest["limits"]> = {}): ExecutionRequest {
  return bareRequest({
    input: new TextEncoder().encode(text),
    limits: { bitOps: 1_000n, floatOps: 0n, memoryPages: 16, outputBytes: 1_000, ...limits },
  });
}

/** The input back, for one bit operation a byte. */
export function echoOf({ input }: ExecutionRequest): ExecutionOutcome {
  const stderr = new Uint8Array(0);
  return { status: STATUS.ok, exitCode: 0, output: input, stderr, bitOps: BigInt(input.length), floatOps: 0n };
}

/** A provider with one session. */
export class Counterparty {
  readonly engine: ProviderSession;
  /** Calls that it was asked to run; what is not to be answered at once waits here. */
  readonly asked: { callId: number; request: ExecutionRequest }[] = [];
  /** Whether it answers calls at once. */
  answers = true;
  /** Code with which it refuses attachments, if it does. */
  refuses: string | null = null;
  connections = 0;
  readonly #pump: EffectPump;
  readonly #timer: ReturnType<typeof setInterval>;
  #connection: Connection | null = null;
  #handle = 0;

  constructor(policy: Partial<ExposurePolicy> = {}) {
    this.engine = new ProviderSession({
      terms: {
        sessionId: SESSION_ID,
        domain: { chainId: CHAIN_ID, verifyingContract: ESCROW },
        operator: PARAMS.operator,
        sessionKey: PARAMS.sessionKey,
        credits: PARAMS.credits,
        moduleHash: hexToBytes(CODE_HASH),
        tariff: SERVICE.tariff,
        maxLatencyMs: 0,
      },
      policy: defaultPolicy(PARAMS.credits, policy),
      operatorPrivateKey: OPERATOR_KEY,
    });
    this.#pump = new EffectPump({
      sessionId: SESSION_ID,
      journal: new MemoryJournal(),
      send: (message) => this.#connection?.send({ type: "session", handle: this.#handle, message }),
      execute: (call) => {
        this.asked.push(call);
        if (this.answers) this.answer(call.callId);
      },
      failed: (error) => {
        throw error;
      },
    });
    this.#timer = setInterval(() => this.#pump.run(this.engine.tick(performance.now())), 10);
  }

  get attached(): boolean {
    return this.#connection !== null;
  }

  answer(callId: number): void {
    const index = this.asked.findIndex((call) => call.callId === callId);
    const { request } = this.asked.splice(index, 1)[0]!;
    this.#later(() => this.engine.executed(callId, { outcome: echoOf(request), durationMs: 0 }, performance.now()));
  }

  /** A new connection to it, as a buyer gets it. */
  async connect(): Promise<ProviderLink> {
    const [buyer, provider] = await connectionPair({ heartbeatMs: 100, deadAfterMs: 1_000 });
    this.connections++;
    provider.onMessage((frame) => {
      if (frame.type === "attach") {
        if (this.refuses !== null) {
          provider.send({ type: "refuse", regarding: "attach", id: frame.handle, code: this.refuses, message: "No." });
          return;
        }
        this.#connection = provider;
        this.#handle = frame.handle;
        provider.send({ type: "attached", handle: frame.handle, newest: this.engine.newest() });
        this.#pump.run(this.engine.attach(frame.newest, performance.now()));
      } else if (frame.type === "session") {
        this.#pump.run(this.engine.receive(frame.message, performance.now()));
      }
    });
    void provider.closed.then(() => {
      if (this.#connection !== provider) return;
      this.#connection = null;
      this.#pump.run(this.engine.detach());
      this.#pump.detach();
    });
    return new ProviderLink(buyer);
  }

  /** Ends the attachment, as when the session is being closed on chain. */
  end(): void {
    const refusal = { regarding: "attach", code: "provider/session-not-open", message: "It is closing." } as const;
    this.#connection?.send({ type: "refuse", id: this.#handle, ...refusal });
  }

  /** Breaks the connection without a word. */
  cut(): void {
    this.#connection?.stream.destroy();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#connection?.close();
  }

  #later(work: () => Effect[]): void {
    setImmediate(() => this.#pump.run(work()));
  }
}

/** The buyer's end of the session with it. */
export async function paidSession(
  counterparty: Counterparty,
  { journal = new MemoryJournal(), exposure }: { journal?: Journal; exposure?: Partial<ExposurePolicy> } = {},
): Promise<PaidSession> {
  return new PaidSession({
    sessionId: SESSION_ID,
    params: PARAMS,
    service: SERVICE,
    nodeKey: ZERO_HASH,
    chainId: CHAIN_ID,
    escrow: ESCROW,
    sessionPrivateKey: SESSION_KEY,
    journal,
    restored: await journal.load(SESSION_ID),
    exposure,
    reconnect: () => counterparty.connect(),
  });
}
