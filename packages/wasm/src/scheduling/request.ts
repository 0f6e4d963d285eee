import { DemecError } from "@demec/protocol/errors";
import { assertRequestNumbers } from "@demec/protocol/execution";
import { assertFiles } from "@demec/protocol/files";
import { assertUint, UINT32_MAX } from "@demec/protocol/usage";
import type { RunCall } from "./moduleExecutor.ts";

/** @throws protocol/out-of-range for a field that its frame could not carry; protocol/bad-files */
export function assertRequest({ request, deadlineMs }: Pick<RunCall, "request" | "deadlineMs">): void {
  const { seed } = request;
  assertRequestNumbers(request);
  assertUint("deadlineMs", deadlineMs, UINT32_MAX);
  if (seed.length !== 32) {
    throw new DemecError("protocol/out-of-range", `seed has ${seed.length} bytes, not 32.`);
  }
  if (request.files.length > 0) assertFiles(request.files);
}
