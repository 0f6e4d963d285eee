import { type ExecutionRequest, MAX_FRAME_BYTES, type Result } from "@demec/protocol";
import { IdMap } from "./idMap.ts";
import type { Applicant } from "./providerAdmission.ts";
import { DEADLINE_GRACE_MS } from "./terms.ts";
import { Uploads } from "./uploads.ts";

export interface ProviderCall {
  readonly request: ExecutionRequest;
  readonly inputLength: bigint;
  /** Bytes of it that came with the call. */
  readonly heldBytes: number;
  readonly deadlineMs: number;
  readonly arrivedMs: number;
  /** When it is given up; of what travels by content not before it has come. */
  dueMs: number;
  /** Acknowledged before: it runs again for a buyer who lost the answer, and is charged to nobody. */
  readonly repeat: boolean;
  readonly streamed: boolean;
  /** Of a streamed call: some of its output may have reached the buyer. */
  delivered: boolean;
  /** What it occupies of the exposure. */
  credits: bigint;
  result: Result | null;
  /** Since when the result waits for its acknowledgement on this connection. */
  answeredMs: number;
}

/** The provider's calls that run or wait for their acknowledgement, those on their way, and what all of them occupy. */
export class ProviderCalls {
  readonly uploads = new Uploads();
  readonly #calls = new IdMap<ProviderCall>();
  #occupied = 0n;
  #inputBytes = 0;
  #resultBytes = 0;

  /** Credits: worst case of what runs or is on its way, price of what was answered. */
  get occupied(): bigint {
    return this.#occupied + this.uploads.occupied;
  }
  get size(): number {
    return this.#calls.size + this.uploads.size;
  }
  /** Bytes of input that are held, or will be. */
  get inputBytes(): number {
    return this.#inputBytes + this.uploads.heldBytes;
  }

  /** Bytes of output and stderr of results that are held. */
  get resultBytes(): number {
    return this.#resultBytes;
  }

  get(callId: number): ProviderCall | undefined {
    return this.#calls.get(callId);
  }

  [Symbol.iterator](): IterableIterator<[number, ProviderCall]> {
    return this.#calls.entries().values();
  }

  add(callId: number, call: ProviderCall): void {
    this.#calls.set(callId, call);
    this.#occupied += call.credits;
    this.#inputBytes += call.heldBytes;
  }

  answer(call: ProviderCall, result: Result, credits: bigint, nowMs: number): void {
    this.#occupied += credits - call.credits;
    call.credits = credits;
    call.answeredMs = nowMs;
    call.result = result;
    this.#resultBytes += resultBytes(result);
  }

  /** Some of a streamed call's output may have reached the buyer. */
  delivered(callId: number): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) call.delivered = true;
  }

  /** Answered calls, oldest first, one after the other as long as their results hold more than `maxBytes`. */
  *oldResults(maxBytes: number, newest: number): Generator<[number, ProviderCall]> {
    if (this.#resultBytes <= maxBytes) return;
    for (const [callId, call] of this.#calls.entries()) {
      if (this.#resultBytes <= maxBytes) return;
      if (call.result !== null && callId !== newest) yield [callId, call];
    }
  }

  drop(callId: number, call: ProviderCall): void {
    this.#calls.delete(callId);
    this.#occupied -= call.credits;
    this.#inputBytes -= call.heldBytes;
    if (call.result !== null) this.#resultBytes -= resultBytes(call.result);
  }
}

/** A result above this travels in fragments. One just below is sent again in vain when it is cancelled, and costs nobody. */
const LARGE_RESULT_BYTES = MAX_FRAME_BYTES - 128;

export function isLargeResult(result: Result): boolean {
  return resultBytes(result) > LARGE_RESULT_BYTES;
}

/** What a result holds beside its own fields. */
function resultBytes({ output, stderr }: Result): number {
  return output.length + stderr.length;
}

/** A call that begins to run; of what travels by content the deadline begins once it has come. */
export function admittedCall(
  { inputLength, heldBytes, deadlineMs }: Applicant,
  call: Pick<ProviderCall, "request" | "streamed" | "credits" | "repeat">,
  nowMs: number,
): ProviderCall {
  const isHere = call.request.byContent === undefined;
  return {
    ...call,
    inputLength,
    heldBytes,
    deadlineMs,
    arrivedMs: nowMs,
    dueMs: isHere ? nowMs + deadlineMs + DEADLINE_GRACE_MS : Number.POSITIVE_INFINITY,
    delivered: false,
    result: null,
    answeredMs: nowMs,
  };
}
