import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { authorityOf, listening } from "./bind.ts";
import type { Doorkeeper, DoorOptions, Listener } from "./listener.ts";
import { NoiseStream } from "./noiseStream.ts";
import { MAX_WEB_SOCKET_MESSAGE_BYTES, WebSocketStream } from "./webSocketStream.ts";

/**
 * Listens for WebSockets, on any path. Pages of an HTTPS origin need `wss://`: a proxy in front that speaks TLS, and its
 * address as `publicAddress`; the proxy sees ciphertext only.
 * @throws network/bad-address, network/unreachable when the address can't be bound
 */
export async function listenWebSocket(options: DoorOptions, { keyPair, admits, take }: Doorkeeper): Promise<Listener> {
  const http = createServer((_, response) => response.writeHead(426, { upgrade: "websocket" }).end());
  const server = new WebSocketServer({
    server: http,
    // Ciphertext doesn't compress.
    perMessageDeflate: false,
    maxPayload: MAX_WEB_SOCKET_MESSAGE_BYTES,
    verifyClient: () => admits(),
  });
  server.on("connection", (socket, { socket: { remoteAddress = null } }) => {
    take(new NoiseStream("websocket", false, new WebSocketStream(socket, remoteAddress), { keyPair }));
  });
  await listening(http, options);
  return {
    address: options.publicAddress ?? `ws://${authorityOf(http, options.host)}/`,
    close: async () => {
      server.close();
      http.close();
    },
  };
}
