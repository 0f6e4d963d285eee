import { DemecError } from "@demec/protocol/errors";
import { assertFiles } from "@demec/protocol/files";
import { assertUint, UINT32_MAX, UINT64_MAX } from "@demec/protocol/usage";
import type { RunCall } from "./moduleExecutor.ts";

/** @throws protocol/out-of-range for a field that its frame could not carry; protocol/bad-files */
export function assertRequest({ request, deadlineMs }: Pick<RunCall, "request" | "deadlineMs">): void {
  const { limits, seed } = request;
  assertUint("clockNs", request.clockNs, UINT64_MAX);
  assertUint("limits.bitOps", limits.bitOps, UINT64_MAX);
  assertUint("limits.floatOps", limits.floatOps, UINT64_MAX);
  assertUint("limits.memoryPages", limits.memoryPages, 65_536);
  assertUint("limits.outputBytes", limits.outputBytes, UINT32_MAX);
  assertUint("deadlineMs", deadlineMs, UINT32_MAX);
  if (seed.length !== 32) {
    throw new DemecError("protocol/out-of-range", `seed has ${seed.length} bytes, not 32.`);
  }
  if (request.files.length > 0) assertFiles(request.files);
}
