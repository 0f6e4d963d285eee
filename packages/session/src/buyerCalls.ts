import type { ExecutionRequest, Invoke } from "@demec/protocol";
import { IdMap } from "./idMap.ts";

/** Most that a result's frame has beside output and stderr. */
const RESULT_HEAD_BYTES = 256;

export interface BuyerCall {
  readonly request: ExecutionRequest;
  readonly inputLength: bigint;
  /** Bytes of it that go with the call. */
  readonly heldBytes: number;
  readonly invokedMs: number;
  readonly deadlineMs: number;
  /** What it occupies of the exposure. */
  readonly credits: bigint;
  readonly streamed: boolean;
  /** The caller has its answer (deadline passed, cancelled); the provider's is still due. */
  resolved: boolean;
  /** Another provider was asked for it meanwhile: its result is neither acknowledged nor charged. */
  abandoned: boolean;
  /** When it was last sent, or had come where that took long, and with which deadline. */
  sentMs: number;
  sentDeadlineMs: number;
}

/** The message that asks for a call, at first and again after every connection that was lost. */
export function invokeOf(callId: number, { request, streamed }: BuyerCall, deadlineMs: number): Invoke {
  const message: Invoke = { type: "invoke", callId, request, deadlineMs };
  return streamed ? { ...message, streamed } : message;
}

/** The buyer's calls without the provider's answer, and what they occupy. */
export class BuyerCalls {
  readonly #calls = new IdMap<BuyerCall>();
  /** Worst case of all of them; credits. */
  occupied = 0n;
  /** Bytes of their input. */
  inputBytes = 0;

  get size(): number {
    return this.#calls.size;
  }

  get(callId: number): BuyerCall | undefined {
    return this.#calls.get(callId);
  }

  has(callId: number): boolean {
    return this.#calls.get(callId) !== undefined;
  }

  [Symbol.iterator](): IterableIterator<[number, BuyerCall]> {
    return this.#calls.entries().values();
  }

  add(callId: number, call: BuyerCall): void {
    this.#calls.set(callId, call);
    this.occupied += call.credits;
    this.inputBytes += call.heldBytes;
  }

  drop(callId: number, call: BuyerCall): void {
    this.#calls.delete(callId);
    this.occupied -= call.credits;
    this.inputBytes -= call.heldBytes;
  }

  /** A call that went in fragments has come: its latency counts from now. */
  uploaded(callId: number, nowMs: number): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    call.sentMs = nowMs;
    call.sentDeadlineMs = Math.max(1, Math.ceil(call.invokedMs + call.deadlineMs - nowMs));
  }

  /** Whether a result in a frame of so many bytes is awaited. */
  expect(callId: number, messageBytes: number): boolean {
    const call = this.#calls.get(callId);
    if (call === undefined || call.resolved) return false;
    return messageBytes <= call.request.limits.outputBytes + RESULT_HEAD_BYTES;
  }
}
