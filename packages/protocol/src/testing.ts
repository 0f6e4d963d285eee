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
