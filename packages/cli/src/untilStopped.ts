import { once } from "node:events";

/** Resolves at the first Ctrl-C or SIGTERM, so that what is running can be ended in order. */
export async function untilStopped(): Promise<void> {
  const abort = new AbortController();
  const { signal } = abort;
  // A pending promise keeps nothing alive; this does.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    await Promise.race([once(process, "SIGINT", { signal }), once(process, "SIGTERM", { signal })]);
  } finally {
    clearInterval(alive);
    abort.abort();
  }
}
