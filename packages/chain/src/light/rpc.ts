import { DemecError } from "@demec/protocol";
import { http, type Transport } from "viem";

/** A JSON-RPC node, of which nothing is believed by itself. */
export interface Rpc {
  /** Host and position among the nodes: addresses of nodes may hold keys. */
  readonly name: string;
  request(method: string, params: readonly unknown[]): Promise<unknown>;
}

/** Why a node's answer was not used. */
export interface Refusal {
  readonly rpc: string;
  readonly reason: string;
}

const TIMEOUT_MS = 10_000;

/** @param nodes HTTP addresses, or viem transports */
export function rpcsOf(nodes: readonly (string | Transport)[]): Rpc[] {
  return nodes.map((node, index) => {
    // Requests of one moment travel together.
    const transport = typeof node === "string" ? http(node, { batch: true }) : node;
    const { request } = transport({ retryCount: 1, timeout: TIMEOUT_MS });
    const place = typeof node === "string" ? new URL(node).host : "transport";
    return {
      name: `${place} (node ${index + 1})`,
      request: (method, params) => request({ method, params: params as unknown[] }),
    };
  });
}

/** What became of asking a node: what it says holds, or why not. */
export async function ask<T>(
  rpc: Rpc,
  fetch: () => Promise<unknown>,
  check: (answer: unknown) => T,
): Promise<{ readonly value: T } | { readonly refusal: Refusal }> {
  let answer: unknown;
  try {
    answer = await fetch();
  } catch (error) {
    return { refusal: { rpc: rpc.name, reason: shortReason(error) } };
  }
  try {
    return { value: check(answer) };
  } catch (error) {
    // What is final for every node is thrown as it is.
    if (error instanceof DemecError) throw error;
    return { refusal: { rpc: rpc.name, reason: shortReason(error) } };
  }
}

/** Refusals for people, one after the other. */
export function listed(refusals: readonly Refusal[]): string {
  return refusals.map(({ rpc, reason }) => `${rpc}: ${reason}`).join(" ");
}

function shortReason(error: unknown): string {
  const { shortMessage, message } = error as { shortMessage?: string; message?: string };
  return (shortMessage ?? message ?? String(error)).split("\n")[0]!;
}
