import type {
  ContentReference,
  ExecutionOutcome,
  ExecutionRequest,
  Receipt,
  SessionMessage,
  SignedState,
  StreamedEnd,
} from "@demec/protocol";
import type { JournalRecord } from "./records.ts";

/**
 * What a session engine asks its surroundings to do, in order. `EffectPump` performs them with the right waiting;
 * whoever performs them otherwise must keep the rules stated here.
 */
export type Effect =
  /**
   * Must be durable before any later effect of the same array. Effects of later arrays wait too, but for answers to
   * calls (`resolve`, sent results and faults); with `alone` they don't wait at all, and only sends follow it.
   */
  | { readonly type: "persist"; readonly record: JournalRecord; readonly alone?: true }
  /** Should reach the journal soon, in order with `persist`; nothing waits for it, and losing it costs no correctness. */
  | { readonly type: "note"; readonly record: JournalRecord }
  | { readonly type: "send"; readonly message: SessionMessage }
  /** Provider: run the call and report to `executed`. */
  | {
      readonly type: "execute";
      readonly callId: number;
      readonly request: ExecutionRequest;
      readonly deadlineMs: number;
      /** Its output is wanted while it runs; see `ProviderSession.delivered`. */
      readonly streamed: boolean;
    }
  /** Provider: the end of this call interests nobody any more. */
  | { readonly type: "cancelExecution"; readonly callId: number }
  /** Buyer: the caller's answer; exactly one for each call. */
  | { readonly type: "resolve"; readonly callId: number; readonly outcome: CallOutcome }
  /** A new state carries both signatures. */
  | { readonly type: "cosigned"; readonly state: SignedState }
  /** The final state carries both signatures: bring it to the chain. */
  | { readonly type: "closed"; readonly state: SignedState }
  /** The session takes no further work: settle at the newest state. Emitted once. */
  | { readonly type: "halt"; readonly code: string; readonly message: string };

/** How a call ended for its caller. */
export type CallOutcome =
  | {
      readonly type: "result";
      readonly outcome: ExecutionOutcome;
      readonly receipt: Receipt;
      /** What the call costs, 18 decimals. */
      readonly credits: bigint;
      readonly streamed?: StreamedEnd | undefined;
    }
  | { readonly type: "fault"; readonly code: string; readonly message: string; readonly breach: boolean };

/** A deterministic end in the executor. */
export interface ExecutionOutput {
  readonly outcome: ExecutionOutcome;
  readonly durationMs: number;
  /** Of a streamed call. */
  readonly streamed?: StreamedEnd | undefined;
  /** Where the outcome's output was published instead of being sent. */
  readonly outputContent?: ContentReference | undefined;
}

/** How a call ended in the executor: a deterministic outcome, or a fault that yields no receipt. */
export type ExecutionResult =
  | ExecutionOutput
  | { readonly fault: { readonly code: string; readonly message: string; readonly breach: boolean } };

/** Why a session takes no further work. */
export interface Halt {
  readonly code: string;
  readonly message: string;
}
