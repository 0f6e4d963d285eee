import { connect, createServer } from "node:net";
import { authorityOf, listening } from "./bind.ts";
import type { Doorkeeper, DoorOptions, Listener } from "./listener.ts";
import { NoiseStream } from "./noiseStream.ts";

// Nagle's algorithm is off on both ends: with it a corked batch waits 40 ms for an acknowledgement.

/** Calls a TCP address, which must be a literal one: no name is resolved. The stream reports what goes wrong. */
export function dialTcp(host: string, port: number, keyPair: Doorkeeper["keyPair"]): NoiseStream {
  return new NoiseStream("tcp", true, connect({ host, port, noDelay: true }), { keyPair });
}

/** @throws network/unreachable when the address can't be bound */
export async function listenTcp(options: DoorOptions, { keyPair, admits, take }: Doorkeeper): Promise<Listener> {
  const server = createServer({ noDelay: true }, (socket) => {
    if (admits()) take(new NoiseStream("tcp", false, socket, { keyPair }));
    else socket.destroy();
  });
  await listening(server, options);
  return {
    address: options.publicAddress ?? `tcp://${authorityOf(server, options.host)}`,
    close: async () => {
      server.close();
    },
  };
}
