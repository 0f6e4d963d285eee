import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a port on this machine that can be cut and mended: whoever uses it sees the other end vanish and come back. */
export interface CuttableLine {
  readonly port: number;
  cut(): void;
  mend(): void;
  close(): void;
}

export async function cuttableLine(target: number): Promise<CuttableLine> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(target, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const destroy = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    cut() {
      isCut = true;
      destroy();
    },
    mend() {
      isCut = false;
    },
    close() {
      server.close();
      destroy();
    },
  };
}
