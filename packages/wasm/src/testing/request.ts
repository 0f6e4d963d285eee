import type { ExecutionRequest, Limits } from "@demec/protocol/execution";
import { bareRequest } from "@demec/protocol/testing";

/** A request with plenty of everything. */
export function request(
  parts: Partial<Omit<ExecutionRequest, "limits">> & { limits?: Partial<Limits> } = {},
): ExecutionRequest {
  return bareRequest({
    ...parts,
    limits: { bitOps: 10n ** 9n, floatOps: 10n ** 9n, memoryPages: 64, outputBytes: 1 << 20, ...parts.limits },
  });
}
