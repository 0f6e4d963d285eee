import { DemecError, isDemecError } from "@demec/protocol";
import { type Deadline, within } from "../deadline.ts";

/** What hyperdht says when one end had punched through a randomising NAT just before. */
const TOO_SOON = new Set(["HOLEPUNCH_ABORTED", "REMOTE_ABORTED"]);
/** hyperdht punches through randomising NATs once in 20 s, on each end; the other end's clock is not ours. */
const RANDOM_PUNCH_MS = 21_000;

/**
 * Connects by a hole through both NATs, and tries again once hyperdht's pause between such tries is over, if the time
 * suffices.
 * @param timeoutMs for all tries together; each ends with it too
 * @throws what the last try throws; network/unreachable with `details.retryAfterMs` when another would be too late
 */
export async function punchThrough<T>(attempt: () => Promise<T>, { timeoutMs, signal }: Deadline): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const code = reasonOf(error);
      if (code === undefined || !TOO_SOON.has(code)) throw error;
      if (endMs - performance.now() <= RANDOM_PUNCH_MS) {
        throw new DemecError(
          "network/unreachable",
          `No hole could be punched (${code}); another try makes sense in ${RANDOM_PUNCH_MS / 1000} s.`,
          { cause: error, details: { retryAfterMs: RANDOM_PUNCH_MS } },
        );
      }
      await pause(RANDOM_PUNCH_MS, signal);
    }
  }
}

/** hyperdht's code for why a connection could not be made. */
function reasonOf(error: unknown): string | undefined {
  if (!isDemecError(error) || error.code !== "network/unreachable") return undefined;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await within(promise, "The pause before another try", { timeoutMs: ms + 1000, signal });
  } finally {
    clearTimeout(timer);
  }
}
