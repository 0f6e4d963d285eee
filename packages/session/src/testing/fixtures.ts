import {
  type ExecutionOutcome,
  type ExecutionRequest,
  type Hex,
  type Limits,
  recoverSigner,
  type SessionState,
  STATUS,
  StreamHash,
  signDigest,
  signMessageOf,
} from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import { BuyerSession } from "../buyer.ts";
import type { ExecutionOutput } from "../effects.ts";
import type { Snapshot } from "../journal.ts";
import { ProviderSession } from "../provider.ts";
import { defaultPolicy, type ExposurePolicy, type SessionTerms } from "../terms.ts";

export const OPERATOR_KEY: Hex = `0x${"0a".repeat(32)}`;
export const SESSION_KEY: Hex = `0x${"0b".repeat(32)}`;
export const FOREIGN_KEY: Hex = `0x${"0c".repeat(32)}`;

export function addressOf(privateKey: Hex) {
  const digest: Hex = `0x${"11".repeat(32)}`;
  return recoverSigner(digest, signDigest(privateKey, digest));
}

export const SESSION_ID: Hex = `0x${"5e".repeat(32)}`;
const CREDIT = 10n ** 18n;

/** One base unit a bit operation, a byte costs 10; latency beyond the promise of 100 ms is cheaper by 1 a millisecond. */
export const TERMS: SessionTerms = {
  sessionId: SESSION_ID,
  domain: { chainId: 31337, verifyingContract: `0x${"12".repeat(20)}` },
  operator: addressOf(OPERATOR_KEY),
  sessionKey: addressOf(SESSION_KEY),
  credits: CREDIT,
  moduleHash: new Uint8Array(32).fill(7),
  tariff: { a: 1_000_000n, b: 2_000_000n, c: 10_000_000n, d: 0n, e: -1_000n, f: 0n },
  maxLatencyMs: 100,
};

export const POLICY: ExposurePolicy = {
  ...defaultPolicy(CREDIT),
  maxUnsignedCredits: 1_000_000n,
  checkpointCredits: 1_000_000n,
  checkpointCalls: 1_000,
  checkpointMs: 1_000_000,
};

export function requestOf(seed: number, limits: Partial<Limits> = {}): ExecutionRequest {
  return bareRequest({
    input: Uint8Array.of(seed & 255, (seed >> 8) & 255),
    limits: { bitOps: 1_000n, floatOps: 0n, memoryPages: 16, outputBytes: 100, ...limits },
  });
}

/** What a deterministic function makes of a request: its work and output depend on the input alone. */
export function outcomeOf(request: ExecutionRequest): ExecutionOutcome {
  const [low = 0, high = 0] = request.input;
  return {
    status: STATUS.ok,
    exitCode: 0,
    output: Uint8Array.of(high, low, 1),
    stderr: new Uint8Array(0),
    bitOps: BigInt(100 + low),
    floatOps: 0n,
  };
}

/** How the same function's run ends. Streamed, its output has gone another way. */
export function endOf(request: ExecutionRequest, streamed: boolean): ExecutionOutput {
  const outcome = outcomeOf(request);
  if (!streamed) return { outcome, durationMs: 0 };
  const stdout = new StreamHash();
  stdout.update(outcome.output);
  return {
    outcome: { ...outcome, output: new Uint8Array(0) },
    durationMs: 0,
    streamed: { inputBytes: request.input.length, stdoutBytes: stdout.length, stdoutHash: stdout.digest() },
  };
}

export interface Variation {
  readonly terms?: Partial<SessionTerms>;
  readonly policy?: Partial<ExposurePolicy>;
  readonly restored?: Snapshot | null;
}

export function newProvider({ terms, policy, restored }: Variation = {}): ProviderSession {
  return new ProviderSession({
    terms: { ...TERMS, ...terms },
    policy: { ...POLICY, ...policy },
    operatorPrivateKey: OPERATOR_KEY,
    restored,
  });
}

export function newBuyer({ terms, policy, restored }: Variation = {}): BuyerSession {
  return new BuyerSession({
    terms: { ...TERMS, ...terms },
    policy: { ...POLICY, ...policy },
    sessionPrivateKey: SESSION_KEY,
    restored,
  });
}

export function signState(privateKey: Hex, state: SessionState): Hex {
  return signMessageOf(privateKey, TERMS.domain, "SessionState", state);
}
