import { DemecError, isDemecError } from "@demec/protocol";
import { type Deadline, within } from "../deadline.ts";

/** What hyperdht says when no hole could be punched, though the peer is there. */
const NOT_PUNCHED = new Set([
  "CANNOT_HOLEPUNCH",
  "HOLEPUNCH_ABORTED",
  "HOLEPUNCH_DOUBLE_RANDOMIZED_NATS",
  "HOLEPUNCH_PROBE_TIMEOUT",
  "REMOTE_ABORTED",
  "REMOTE_NOT_HOLEPUNCHABLE",
  "REMOTE_NOT_HOLEPUNCHING",
  "RELAY_ABORTED",
]);
/** Those after which another try may do: one end had punched through a randomising NAT just before. */
const TOO_SOON = new Set(["HOLEPUNCH_ABORTED", "REMOTE_ABORTED"]);
/** hyperdht punches through randomising NATs once in 20 s, on each end; the other end's clock is not ours. */
const RANDOM_PUNCH_MS = 21_000;

/** One way to try: by punching alone, or with a relay beside it. */
export type UdxAttempt<T> = (relayed: boolean) => Promise<T>;

/**
 * Tries to get through two NATs: by a hole; where none can be punched through a relay; without one again when hyperdht's
 * pause between such tries is over, if the time suffices.
 * @param relayFirst whether our own NAT makes a hole unlikely
 * @param hasRelays whether there is a relay to try
 * @param timeoutMs for all tries together; each ends with it too
 * @throws what the last try throws; network/unreachable with `details.retryAfterMs` when another would be too late
 */
export async function punchThrough<T>(
  attempt: UdxAttempt<T>,
  { relayFirst, hasRelays, timeoutMs, signal }: Deadline & { relayFirst: boolean; hasRelays: boolean },
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  let relayed = hasRelays && relayFirst;
  for (;;) {
    try {
      return await attempt(relayed);
    } catch (error) {
      const code = reasonOf(error);
      if (code === undefined || !NOT_PUNCHED.has(code)) throw error;
      if (hasRelays && !relayed) {
        relayed = true;
        continue;
      }
      if (!TOO_SOON.has(code)) throw error;
      const leftMs = endMs - performance.now();
      if (leftMs <= RANDOM_PUNCH_MS) {
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
