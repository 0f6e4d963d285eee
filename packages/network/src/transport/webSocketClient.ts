import { DemecError, type Hex } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import { Connection } from "../connection.ts";
import type { ConnectionOptions } from "../connectionTypes.ts";
import { NoiseStream } from "./noiseStream.ts";
import { WebSocketStream } from "./webSocketStream.ts";

export interface WebSocketConnectOptions {
  /** 32 bytes that this end's key is derived from; a fresh random key without it. */
  readonly seed?: Uint8Array | undefined;
  /** For the socket, handshake and greeting together. Default 10,000 ms. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly connection?: ConnectionOptions | undefined;
}

/**
 * Connects to a node over a WebSocket, from a browser or Node; Noise is end to end and proves the key.
 * @param url `ws://…` or `wss://…`, as the node publishes it
 * @param publicKey node key that must be at the other end; lower-case hexadecimal
 * @throws network/bad-address, network/unreachable, network/timeout, network/aborted
 * @throws network/key-mismatch, network/version-mismatch
 */
export async function connectWebSocket(
  url: string,
  publicKey: Hex,
  { seed, timeoutMs = 10_000, signal, connection = {} }: WebSocketConnectOptions = {},
): Promise<Connection> {
  const stream = dialWebSocket(url, NoiseSecretStream.keyPair(seed));
  return Connection.open(stream, connection, { timeoutMs, signal }, publicKey);
}

/** The stream reports what goes wrong later. @throws network/bad-address */
export function dialWebSocket(url: string, keyPair: { publicKey: Uint8Array; secretKey: Uint8Array }): NoiseStream {
  let socket: WebSocket;
  try {
    socket = new WebSocket(url);
  } catch (cause) {
    throw new DemecError("network/bad-address", `${url} is not the address of a WebSocket.`, {
      cause,
      details: { url },
    });
  }
  socket.binaryType = "arraybuffer";
  return new NoiseStream("websocket", true, new WebSocketStream(socket), { keyPair });
}
