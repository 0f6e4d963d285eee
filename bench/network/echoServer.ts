// One server that sends back what it gets, in its own process: `demec` (our channel), `http` or `webSocket`.
import { createServer } from "node:http";
import { Node } from "@demec/network";
import { WebSocketServer } from "ws";
import { ownCpuMicros } from "./processCpu.ts";

export type EchoKind = "demec" | "http" | "webSocket";

/** Where it can be reached: a node key, or an address. */
const listening: Record<EchoKind, (bootstrap: string) => Promise<string>> = {
  async demec(bootstrap) {
    const node = await Node.create({ bootstrap: JSON.parse(bootstrap), host: "127.0.0.1" });
    await node.listen({
      onConnection: (connection) =>
        connection.onMessage((frame) => {
          if (frame.type !== "unsupported") connection.send(frame);
        }),
    });
    return node.publicKey;
  },

  async http() {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => response.end(Buffer.concat(chunks)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  },

  async webSocket() {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
    server.on("connection", (socket) => socket.on("message", (bytes) => socket.send(bytes)));
    await new Promise<void>((resolve) => server.once("listening", resolve));
    return `ws://127.0.0.1:${(server.address() as { port: number }).port}`;
  },
};

const [kind, bootstrap] = process.argv.slice(2) as [EchoKind, string];
const ready = await listening[kind](bootstrap);
process.on("message", () => process.send!({ cpuMicros: ownCpuMicros() }));
process.once("disconnect", () => process.exit());
process.send!({ ready });
