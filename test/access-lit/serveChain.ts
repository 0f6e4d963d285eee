// The chain of a test's own process over HTTP, for whoever knows a chain by its URL only.

import type { TestChain } from "../support/market.ts";
import { type JsonServer, serveJson } from "./serveJson.ts";

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown[];
}

export function serveChain({ connection }: TestChain): Promise<JsonServer> {
  const answer = async ({ id, method, params = [] }: Call) => {
    try {
      return { jsonrpc: "2.0", id, result: await connection.provider.request({ method, params }) };
    } catch (error) {
      const { code = -32_603, message, data } = error as { code?: number; message: string; data?: unknown };
      return { jsonrpc: "2.0", id, error: { code, message, data } };
    }
  };
  return serveJson(async ({ body }) => ({
    body: Array.isArray(body) ? await Promise.all(body.map(answer)) : await answer(body),
  }));
}
