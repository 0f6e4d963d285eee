import { http } from "viem";

/** One request in a node's own dialect. @throws viem's errors */
export function callRpc(url: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  return http(url, { timeout: 60_000 })({}).request({ method, params });
}
