import { connect, createServer, type Server, type Socket } from "node:net";
import { Random, SEED } from "../faults/random.ts";

/** What a line does to what it carries. */
export interface Weather {
  /** One way; milliseconds. */
  readonly delayMs: number;
  /** Part of the segments that are lost on each attempt to send them, 0 … 1. */
  readonly loss: number;
}

const FAIR: Weather = { delayMs: 0, loss: 0 };
/** What a segment holds at most; bytes. */
const SEGMENT_BYTES = 1_460;
/** Least time until a sender tries a lost segment again; milliseconds. */
const RETRANSMIT_MS = 200;

/**
 * A TCP line between a port of 127.0.0.1 and another one, which can be slow, lossy or cut. Loss is what it is to those who
 * use TCP: a segment that comes late by its retransmissions, and everything behind it with it.
 */
export class Line {
  weather = FAIR;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isDown = false;

  /** @param random decides what is lost */
  static async to(port: number, random = new Random(SEED)): Promise<Line> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Line(server, port, random);
  }

  private constructor(server: Server, target: number, random: Random) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
    server.on("connection", (near) => {
      if (this.#isDown) {
        near.resetAndDestroy();
        return;
      }
      const far = connect({ port: target, host: "127.0.0.1", noDelay: true });
      this.#carry(near, far, random);
      this.#carry(far, near, random);
    });
  }

  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Ends every connection at once, without goodbye. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Cuts it, and refuses whoever comes, until it is mended. */
  takeDown(): void {
    this.#isDown = true;
    this.cut();
  }

  mend(): void {
    this.#isDown = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(from: Socket, to: Socket, random: Random): void {
    this.#sockets.add(from);
    const underWay: { readonly segment: Uint8Array; readonly arrivesMs: number }[] = [];
    const deliver = () => {
      while (underWay.length > 0 && underWay[0]!.arrivesMs <= performance.now()) {
        const { segment } = underWay.shift()!;
        if (to.writable) to.write(segment);
      }
      if (underWay.length > 0) setTimeout(deliver, underWay[0]!.arrivesMs - performance.now());
    };
    from.on("data", (bytes) => {
      const isIdle = underWay.length === 0;
      for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
        const { delayMs, loss } = this.weather;
        let arrivesMs = performance.now() + delayMs;
        while (random.next() < loss) arrivesMs += Math.max(RETRANSMIT_MS, 2 * delayMs);
        underWay.push({ segment: bytes.subarray(at, at + SEGMENT_BYTES), arrivesMs });
      }
      if (isIdle) deliver();
    });
    from.on("error", () => {});
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}

/** A port that nobody listened to a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
