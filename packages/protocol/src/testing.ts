import type { ExecutionRequest } from "./execution.ts";

/** For tests: a call of a reactor without input, with everything but its limits as it is by default. */
export function bareRequest(parts: Partial<ExecutionRequest> & Pick<ExecutionRequest, "limits">): ExecutionRequest {
  return {
    shape: "reactor",
    input: new Uint8Array(0),
    args: [],
    env: [],
    files: [],
    envSalt: new Uint8Array(32),
    clockNs: 0n,
    seed: new Uint8Array(32),
    ...parts,
  };
}

/**
 * Asks again and again until there is an answer. Every wait of a test has an end: what waits for ever keeps its process, and
 * with it the whole run.
 * @throws when there is none within `timeoutMs`
 */
export async function until<T>(
  what: string,
  ask: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs = 20_000,
): Promise<T> {
  for (const end = performance.now() + timeoutMs; performance.now() < end; ) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Still not after ${timeoutMs} ms: ${what}.`);
}
