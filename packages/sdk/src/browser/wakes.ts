/** Where there is none, as in a worker, nothing is heard of it. */
const { document } = globalThis as { document?: Document };

/**
 * Calls `listener` whenever this page or worker may have been away itself: it was frozen, hidden, or without a network.
 * @returns stops it
 */
export function onWake(listener: () => void): () => void {
  const visible = () => {
    if (document?.visibilityState === "visible") listener();
  };
  globalThis.addEventListener("online", listener);
  document?.addEventListener("visibilitychange", visible);
  // Of the page lifecycle: a frozen page runs again.
  document?.addEventListener("resume", listener);
  return () => {
    globalThis.removeEventListener("online", listener);
    document?.removeEventListener("visibilitychange", visible);
    document?.removeEventListener("resume", listener);
  };
}
