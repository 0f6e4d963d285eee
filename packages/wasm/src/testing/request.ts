import type { ExecutionRequest, Limits } from "@demec/protocol/execution";

/** A request with plenty of everything. */
export function request(
  parts: Partial<Omit<ExecutionRequest, "limits">> & { limits?: Partial<Limits> } = {},
): ExecutionRequest {
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
    limits: { bitOps: 10n ** 9n, floatOps: 10n ** 9n, memoryPages: 64, outputBytes: 1 << 20, ...parts.limits },
  };
}
