import type { Demec } from "./demec.ts";
import type { CloseOptions, Closing } from "./sellBack.ts";
import type { Service } from "./service.ts";

/** How long journals and keys of settled sessions are kept by themselves; seconds of the chain. */
const KEEP_SETTLED_SECONDS = 30 * 86_400;
/** A client that lives so long looks for what it can forget, and again as often; milliseconds. */
const PRUNE_MS = 60 * 60_000;

/** A client with the network and the stores that were opened for it. */
export interface ConnectedDemec extends Demec {
  /**
   * Lets go of all sessions and leaves the network. On chain sessions stay open: close their services first, or say
   * `sellBack`, which does so for every service that was asked for here, and gives what `leave` gives.
   */
  close(options?: CloseOptions): Promise<ReadonlyMap<Service, Closing>>;
}

/**
 * A client that forgets by itself what is long settled, until it ends.
 * @param end closes what was opened for it, once its sessions are released
 * @returns the client, and what ends it, once, however often it is called
 */
export function connected(demec: Demec, end: () => Promise<void>) {
  // The chain may be away: it is tried again the next time.
  const pruning = setInterval(() => void demec.prune(KEEP_SETTLED_SECONDS).catch(() => undefined), PRUNE_MS);
  (pruning as { unref?: () => void }).unref?.();
  let ended: Promise<void> | null = null;
  const release = async (drainMs?: number) => {
    clearInterval(pruning);
    try {
      await demec.release(drainMs);
    } finally {
      await end();
    }
  };
  const endOnce = (drainMs?: number): Promise<void> => {
    ended ??= release(drainMs);
    return ended;
  };
  const client: ConnectedDemec = {
    ...demec,
    async close(options) {
      try {
        return options === undefined ? new Map() : await demec.leave(options);
      } finally {
        await endOnce();
      }
    },
  };
  return { client, end: endOnce };
}
