import {
  assertContent,
  assertFiles,
  assertRequestNumbers,
  assertUint,
  type ByContent,
  creditsUp,
  DemecError,
  type ErrorCode,
  type ExecutionRequest,
  type Limits,
  UINT32_MAX,
  type Usage,
} from "@demec/protocol";
import { DEADLINE_GRACE_MS, type ExposurePolicy, type SessionTerms } from "./terms.ts";

/** Longest latency or ping that may ever be charged for a call: what a buyer clamps its claims to; milliseconds. */
export function longestLatencyMs(terms: Pick<SessionTerms, "maxLatencyMs">, deadlineMs: number): number {
  return Math.min(UINT32_MAX, Math.max(deadlineMs + DEADLINE_GRACE_MS, terms.maxLatencyMs + 1));
}

/**
 * Most credits that one call can cost. The tariff is linear in each part of the usage and `creditsUp` never decreases
 * with the sum, so every part takes whichever end of its range its coefficient likes best.
 * @param inputLength the request's share of the bytes, see `inputBytes`
 * @param ended what is known once the call was executed; only latency and ping are open then
 */
export function worstCaseCredits(
  terms: Pick<SessionTerms, "tariff" | "maxLatencyMs">,
  { limits }: Pick<ExecutionRequest, "limits">,
  inputLength: bigint,
  deadlineMs: number,
  ended?: Pick<Usage, "bitOps" | "floatOps" | "bytes" | "durationMs">,
): bigint {
  const { tariff } = terms;
  const latencyMs = longestLatencyMs(terms, deadlineMs);
  return creditsUp(tariff, {
    bitOps: ended?.bitOps ?? (tariff.a > 0n ? limits.bitOps : 0n),
    floatOps: ended?.floatOps ?? (tariff.b > 0n ? limits.floatOps : 0n),
    bytes: ended?.bytes ?? (tariff.c > 0n ? inputLength + BigInt(limits.outputBytes) : inputLength),
    durationMs: ended?.durationMs ?? (tariff.d > 0n ? deadlineMs : 0),
    latencyMs: tariff.e > 0n ? latencyMs : 0,
    pingMs: tariff.f > 0n ? latencyMs : 0,
  });
}

/** {@link worstCaseCredits} of a session's calls before they run: most are alike, and then it is known. */
export class WorstCase {
  readonly #terms: SessionTerms;
  #limits: Limits = { bitOps: -1n, floatOps: -1n, memoryPages: 0, outputBytes: 0 };
  #inputLength = -1n;
  #deadlineMs = -1;
  #credits = 0n;

  constructor(terms: SessionTerms) {
    this.#terms = terms;
  }

  credits(request: Pick<ExecutionRequest, "limits">, inputLength: bigint, deadlineMs: number): bigint {
    const { bitOps, floatOps, outputBytes } = request.limits;
    const isKnown =
      inputLength === this.#inputLength &&
      deadlineMs === this.#deadlineMs &&
      outputBytes === this.#limits.outputBytes &&
      bitOps === this.#limits.bitOps &&
      floatOps === this.#limits.floatOps;
    if (!isKnown) {
      this.#credits = worstCaseCredits(this.#terms, request, inputLength, deadlineMs);
      this.#limits = request.limits;
      this.#inputLength = inputLength;
      this.#deadlineMs = deadlineMs;
    }
    return this.#credits;
  }
}

/** Bytes of a call's input that travel with it, and are held; what travels by content is bounded elsewhere. */
export function heldBytes({ byContent }: Pick<ExecutionRequest, "byContent">, inputLength: bigint): number {
  return Number(inputLength) - (byContent?.input?.length ?? 0);
}

/** What a side has at stake already when it considers a further call. */
export interface Load {
  /** Credits of the newest full state. */
  readonly creditsUsed: bigint;
  /** Credits that later states may add: worst case in flight, and all that is acknowledged. */
  readonly chargeable: bigint;
  /** Credits that this side gave up on and still holds against the other; 0 for a buyer. */
  readonly writtenOff: bigint;
  readonly inFlight: number;
  /** Bytes of input of the calls in flight. */
  readonly heldBytes: number;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * Why a call must not start now, or null when it may. Both sides ask it, each with its own policy.
 * @param worst most credits that it can cost
 * @param held see {@link heldBytes}
 */
export function refusalOf(
  terms: SessionTerms,
  policy: ExposurePolicy,
  load: Load,
  worst: bigint,
  held: number,
): Refusal | null {
  if (load.inFlight >= policy.maxInFlight) {
    return { code: "session/too-many-in-flight", message: `${load.inFlight} calls are in flight already.` };
  }
  if (worst > policy.maxUnsignedCredits) {
    const message = `The call may cost ${worst}, more than the ${policy.maxUnsignedCredits} that may be unsigned.`;
    return { code: "session/call-too-large", message };
  }
  if (held > policy.maxHeldBytes) {
    const message = `The call has ${held} bytes of input, more than the ${policy.maxHeldBytes} that are held.`;
    return { code: "session/call-too-large", message };
  }
  if (load.heldBytes + held > policy.maxHeldBytes) {
    const message = `${held} bytes of input come on top of ${load.heldBytes}; ${policy.maxHeldBytes} is the most.`;
    return { code: "session/too-many-bytes", message };
  }
  const left = terms.credits - load.creditsUsed - load.chargeable;
  if (worst > left) {
    return {
      code: "session/insufficient-credits",
      message: `The call may cost ${worst}, and ${left} credits are left.`,
    };
  }
  const atRisk = load.chargeable + load.writtenOff;
  if (atRisk + worst > policy.maxUnsignedCredits) {
    const message = `The call may cost ${worst} on top of ${atRisk} unsigned; ${policy.maxUnsignedCredits} is the most.`;
    return { code: "session/exposure-exceeded", message };
  }
  return null;
}

/**
 * @throws protocol/out-of-range naming the first field of a call that does not fit its width; protocol/bad-files
 * @throws session/wrong-module when it brings a module where the service has one, or none where it has none
 */
export function assertCall(terms: SessionTerms, request: ExecutionRequest, deadlineMs: number): void {
  const { byContent } = request;
  assertRequestNumbers(request);
  assertUint("deadlineMs", deadlineMs, UINT32_MAX);
  for (const name of ["envSalt", "seed"] as const) {
    if (request[name].length !== 32) {
      const what = `${name} has ${request[name].length} bytes instead of 32.`;
      throw new DemecError("protocol/out-of-range", what, { details: { name } });
    }
  }
  if (request.files.length > 0) assertFiles(request.files);
  if (byContent !== undefined) assertByContent(request, byContent);
  if ((terms.moduleHash === null) === (byContent?.module !== undefined)) return;
  const what = terms.moduleHash === null ? "The service has no module of its own" : "The service has its own module";
  throw new DemecError("session/wrong-module", `${what}, and the call brings ${byContent?.module?.sha256 ?? "none"}.`);
}

function assertByContent({ input }: ExecutionRequest, byContent: ByContent): void {
  if (byContent.module !== undefined) assertContent("byContent.module", byContent.module);
  if (byContent.input === undefined) return;
  assertContent("byContent.input", byContent.input);
  // What is charged for is the content's length.
  assertUint("input.length beside byContent.input", input.length, 0);
}

/** @throws protocol/out-of-range for a request whose output can't be streamed: input and output travel on the channel then */
export function assertStreamable({ byContent }: ExecutionRequest): void {
  if (byContent?.input === undefined && byContent?.output === undefined) return;
  const what = "Neither the input nor the output of a streamed call travels by content.";
  throw new DemecError("protocol/out-of-range", what, { details: { name: "byContent" } });
}
