import { DemecError } from "@demec/protocol";
import { assertSecure } from "./openDatabase.ts";

/** An owner that doesn't answer may not have heard: it may have been about to become one. Milliseconds. */
const ASK_AGAIN_MS = 500;
const TAKE_MS = 20_000;

/** What to do where another tab or worker owns it: ask for it, wait until it is let go, or give up. */
export type WhenOwned = "ask" | "wait" | "refuse";

export interface OwnershipOptions {
  /** Default "ask". */
  readonly whenOwned?: WhenOwned | undefined;
  /** How long an owner that was asked may take; milliseconds, 20,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

export interface Ownership {
  /** Resolves when another one asks for it, who has it as soon as this one lets go of all that is in it and releases it. */
  readonly asked: Promise<void>;
  release(): void;
}

/**
 * Makes this tab or worker the only one of its origin that uses what has this name. The browser frees it when its owner is
 * gone, however it went. Nobody ever takes it by force: two engines of one session would contradict each other.
 * @throws session/insecure-page; session/journal-locked where it is not to be had; the reason of `signal`
 */
export async function takeOwnership(name: string, options: OwnershipOptions = {}): Promise<Ownership> {
  assertSecure();
  const { whenOwned = "ask", timeoutMs = TAKE_MS, signal } = options;
  const channel = new BroadcastChannel(name);
  const held = Promise.withResolvers<void>();
  const stop = new AbortController();
  const giveUp = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted) giveUp();
  const timer = whenOwned === "ask" ? setTimeout(() => stop.abort(locked(name)), timeoutMs) : undefined;
  const asking = whenOwned === "ask" ? setInterval(() => channel.postMessage("ask"), ASK_AGAIN_MS) : undefined;
  if (whenOwned === "ask") channel.postMessage("ask");
  try {
    await lock(name, whenOwned === "refuse" ? { ifAvailable: true } : { signal: stop.signal }, held.promise);
  } catch (error) {
    channel.close();
    throw error;
  } finally {
    clearTimeout(timer);
    clearInterval(asking);
    signal?.removeEventListener("abort", giveUp);
  }
  const asked = Promise.withResolvers<void>();
  channel.addEventListener("message", () => asked.resolve(), { once: true });
  return {
    asked: asked.promise,
    release() {
      channel.close();
      held.resolve();
    },
  };
}

/** Resolves once the lock is ours; it is until `held` has resolved. */
function lock(name: string, options: LockOptions, held: Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const granted = (lock: Lock | null) => {
    if (lock === null) reject(locked(name));
    else resolve();
    return lock === null ? undefined : held;
  };
  navigator.locks.request(name, options, granted).catch(reject);
  return promise;
}

function locked(name: string): DemecError {
  return new DemecError("session/journal-locked", `"${name}" is in use by another tab or worker of this site.`, {
    details: { name },
  });
}
