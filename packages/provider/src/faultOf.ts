import { isDemecError } from "@demec/protocol";

/** How a call is told to have failed: a request that could never run is its sender's fault; every other failure is ours and a breach. */
export function faultOf(error: unknown): { code: string; message: string; breach: boolean } {
  if (isDemecError(error)) {
    return { code: error.code, message: error.message, breach: error.code.startsWith("executor/") };
  }
  return { code: "executor/host-failure", message: "The host failed.", breach: true };
}
