// A page that leaves its WebSocket for a data channel.
import { type Connection, connectWebSocket, upgradeToWebRtc } from "@demec/network/portable";
import type { Hex } from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";

const LIMITS = { bitOps: 1n, floatOps: 1n, memoryPages: 1, outputBytes: 1 };
let first: Connection;
let upgraded: Connection | undefined;

/** @returns how long it took to open both, one after the other; or the code of what went wrong with the second */
export async function open(url: string, publicKey: Hex): Promise<{ webSocketMs: number; webRtcMs: number } | string> {
  const startedMs = performance.now();
  first = await connectWebSocket(url, publicKey);
  const webSocketMs = performance.now() - startedMs;
  try {
    upgraded = await upgradeToWebRtc(first);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  await first.close();
  return { webSocketMs, webRtcMs: performance.now() - startedMs - webSocketMs };
}

/** Sends so many frames of so many bytes, which come back. @returns whether they did, in order and whole; and in which time */
export async function echo(frames: number, bytes: number): Promise<{ isSame: boolean; ms: number }> {
  const connection = upgraded ?? first;
  const input = new Uint8Array(bytes).map((_, i) => (i * 31) >> 3);
  const startedMs = performance.now();
  let next = 0;
  let isSame = true;
  const done = Promise.withResolvers<void>();
  connection.onMessage((frame) => {
    if (frame.type !== "session" || frame.message.type !== "invoke") return;
    const { callId, request } = frame.message;
    isSame &&= callId === next && request.input.length === bytes && request.input.every((byte, i) => byte === input[i]);
    if (++next === frames) done.resolve();
  });
  for (let callId = 0; callId < frames; callId++) {
    const message = { type: "invoke", callId, deadlineMs: 1, request: bareRequest({ input, limits: LIMITS }) } as const;
    if (!connection.send({ type: "session", handle: 1, message })) await connection.drained();
  }
  await done.promise;
  return { isSame, ms: performance.now() - startedMs };
}

/** Why the connection ended, and how long that took to be noticed from now on. */
export async function ended(): Promise<{ code: string; byPeer: boolean }> {
  const { code, byPeer } = await (upgraded ?? first).closed;
  return { code, byPeer };
}
