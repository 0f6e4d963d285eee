import { ERROR_TABLE, type ErrorCode } from "./errorTable.ts";

export interface DemecErrorOptions {
  /** The offending values, by name. BigInts allowed. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * An error with a stable code, one sentence that says what was wrong with what value, and what to do next.
 * `retryable` tells whether the same call may succeed later, unchanged.
 */
export class DemecError extends Error {
  override readonly name = "DemecError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, what: string, options: DemecErrorOptions = {}) {
    super(`${what} [${code}] Next: ${ERROR_TABLE[code].next}`, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get retryable(): boolean {
    return ERROR_TABLE[this.code].retryable;
  }

  get next(): string {
    return ERROR_TABLE[this.code].next;
  }
}

/** True for a {@link DemecError}, optionally of one code; safe across copies of this package. */
export function isDemecError(error: unknown, code?: ErrorCode): error is DemecError {
  return (
    error instanceof Error && error.name === "DemecError" && (code === undefined || (error as DemecError).code === code)
  );
}
