import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { Node, startLocalDht } from "@demec/network";
import type { SessionFrame } from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import { Pool } from "undici";
import { WebSocket } from "ws";
import type { EchoKind } from "./echoServer.ts";
import type { Call } from "./load.ts";
import { ownCpuMicros } from "./processCpu.ts";

const PAYLOAD = new Uint8Array(256).fill(7);

/** A request of 256 bytes that a server in another process sends back; this process is the client. */
export interface Echo {
  readonly call: Call;
  /** CPU time of both processes so far; microseconds. */
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

class Server {
  readonly #child: ChildProcess;

  constructor(kind: EchoKind, bootstrap: unknown = []) {
    this.#child = fork(join(import.meta.dirname, "echoServer.ts"), [kind, JSON.stringify(bootstrap)]);
  }

  /** Where it listens. */
  async ready(): Promise<string> {
    return (await this.#next<{ ready: string }>()).ready;
  }

  async cpuMicros(): Promise<number> {
    const answer = this.#next<{ cpuMicros: number }>();
    this.#child.send("cpu");
    return ownCpuMicros() + (await answer).cpuMicros;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #next<T>(): Promise<T> {
    return new Promise((resolve) => this.#child.once("message", (message) => resolve(message as T)));
  }
}

/** A call as the channel carries it. */
export const invokeFrame = (callId: number): SessionFrame => ({
  type: "session",
  handle: 1,
  message: {
    type: "invoke",
    callId,
    deadlineMs: 1000,
    request: bareRequest({
      input: PAYLOAD,
      limits: { bitOps: 1_000_000n, floatOps: 0n, memoryPages: 16, outputBytes: 4096 },
    }),
  },
});

/** Our channel: UDX through the DHT, Noise, corked frames. */
export async function demecEcho(): Promise<Echo> {
  const dht = await startLocalDht();
  const server = new Server("demec", dht.bootstrap);
  const key = (await server.ready()) as `0x${string}`;
  const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1" });
  const connection = await node.connect(key);
  const waiting = new Map<number, () => void>();
  let callId = 0;
  connection.onMessage((frame) => {
    if (frame.type !== "session" || frame.message.type !== "invoke") return;
    const id = frame.message.callId;
    waiting.get(id)!();
    waiting.delete(id);
  });
  return {
    call: () =>
      new Promise<void>((resolve) => {
        waiting.set(++callId, resolve);
        connection.send(invokeFrame(callId));
      }),
    cpuMicros: () => server.cpuMicros(),
    async stop() {
      await connection.close();
      await node.close();
      server.kill();
      await dht.close();
    },
  };
}

/** HTTP/1.1 with keep-alive: undici to node:http. */
export async function httpEcho(connections: number): Promise<Echo> {
  const server = new Server("http");
  const pool = new Pool(await server.ready(), { connections });
  const body = Buffer.from(PAYLOAD);
  return {
    async call() {
      const response = await pool.request({ path: "/", method: "POST", body });
      await response.body.arrayBuffer();
    },
    cpuMicros: () => server.cpuMicros(),
    async stop() {
      await pool.close();
      server.kill();
    },
  };
}

/** One WebSocket (ws on both ends), a message a request, answers in order. */
export async function webSocketEcho(): Promise<Echo> {
  const server = new Server("webSocket");
  const socket = new WebSocket(await server.ready(), { perMessageDeflate: false });
  await new Promise((resolve) => socket.once("open", resolve));
  const waiting: (() => void)[] = [];
  let answered = 0;
  socket.on("message", () => {
    waiting[answered++]!();
    if (answered === waiting.length) waiting.length = answered = 0;
  });
  return {
    call: () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        socket.send(PAYLOAD);
      }),
    cpuMicros: () => server.cpuMicros(),
    async stop() {
      socket.terminate();
      server.kill();
    },
  };
}
