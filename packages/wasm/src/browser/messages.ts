import type { ExecutionOutcome, ExecutionRequest } from "@demec/protocol/execution";
import type { ModuleInfo } from "../engine.ts";
import type { MeteredCode } from "../v8/engine.ts";

/** What a worker is sent. It answers `load`, `adopt` and `run` in their order. */
export type ToWorker =
  /** First of all: what one call may have. */
  | { readonly type: "begin"; readonly maxMemoryPages: number }
  | { readonly type: "load"; readonly moduleId: number; readonly bytes: Uint8Array }
  /** A module that another worker has metered and compiled. */
  | { readonly type: "adopt"; readonly moduleId: number; readonly code: MeteredCode }
  | {
      readonly type: "run";
      readonly moduleId: number;
      /** Milliseconds since the epoch by `performance`, which page and workers count alike. */
      readonly deadlineAt: number;
      readonly request: ExecutionRequest;
      readonly isStreamed: boolean;
    }
  | { readonly type: "drop"; readonly moduleId: number };

/** What a worker says. */
export type FromWorker =
  | { readonly type: "ready" }
  /** With the code, where it was metered and compiled there. */
  | { readonly type: "loaded"; readonly info: ModuleInfo; readonly code: MeteredCode | undefined }
  | { readonly type: "outcome"; readonly outcome: ExecutionOutcome & { readonly durationMs: number } }
  | { readonly type: "refused"; readonly code: string; readonly what: string; readonly details: object }
  /** The program has begun to read. */
  | { readonly type: "pull"; readonly bytes: number }
  | { readonly type: "output"; readonly bytes: Uint8Array };

/** Milliseconds since the epoch at a moment by `performance.now()`; monotonic. */
export const epochMs = (hereMs: number): number => performance.timeOrigin + hereMs;

/** The same bytes in a buffer of their own: to send a view is to send all of its buffer. */
export function compact(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
