// CPU per echoed 256-byte call of our channel over each carrier, client and server in separate processes, both sides' CPU
// counted, 64 in flight, the carriers by turns in one run. Part of `pnpm bench:network`; writes to
// bench/results/network.json.
//   node bench/transports.ts [--rounds <n>]
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { type Connection, connectWebSocket, Node, startLocalDht } from "@demec/network";
import type { Hex } from "@demec/protocol";
import { type Figure, median, report, round } from "./figures.ts";
import { invokeFrame } from "./network/echoes.ts";

const IN_FLIGHT = 64;
const ECHOES = 40_000;
const CARRIERS = ["udx", "tcp", "websocket"] as const;

interface Ready {
  readonly publicKey: Hex;
  readonly addresses: readonly string[];
}

async function serve(bootstrap: string): Promise<void> {
  const door = { host: "127.0.0.1", port: 0 };
  const node = await Node.create({ bootstrap: JSON.parse(bootstrap), host: door.host, tcp: door, webSocket: door });
  await node.listen({
    onConnection: (connection) =>
      connection.onMessage((frame) => {
        if (frame.type !== "unsupported") connection.send(frame);
      }),
  });
  process.on("message", () => process.send!(cpuMicros()));
  process.send!({ publicKey: node.publicKey, addresses: node.addresses } satisfies Ready);
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function serverMicros(server: ChildProcess): Promise<number> {
  server.send("cpu");
  const [micros] = await once(server, "message");
  return micros as number;
}

/** Sends `count` calls, 64 in flight, and waits for their echoes. */
function echo(connection: Connection, count: number): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0;
    let echoed = 0;
    connection.onMessage(() => {
      if (++echoed === count) resolve();
      else if (sent < count) connection.send(invokeFrame(++sent));
    });
    while (sent < Math.min(IN_FLIGHT, count)) connection.send(invokeFrame(++sent));
  });
}

async function sequentialMicros(connection: Connection): Promise<number> {
  const micros: number[] = [];
  for (let i = 0; i < 2_000; i++) {
    const started = performance.now();
    await echo(connection, 1);
    micros.push((performance.now() - started) * 1000);
  }
  return median(micros);
}

async function main(rounds: number): Promise<void> {
  const dht = await startLocalDht();
  const server = fork(import.meta.filename, ["--serve", "--bootstrap", JSON.stringify(dht.bootstrap)]);
  const [{ publicKey, addresses }] = (await once(server, "message")) as [Ready];
  const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1" });
  const connections = {
    udx: await node.connect(publicKey, { addresses: [] }),
    tcp: await node.connect(publicKey),
    websocket: await connectWebSocket(addresses.find((address) => address.startsWith("ws:"))!, publicKey),
  };
  const figures: Figure[] = [];
  const add = (name: string, value: number, unit: string) =>
    figures.push({ name, value: round(value, 2), unit, target: null });
  const runs = { udx: [] as [number, number][], tcp: [] as [number, number][], websocket: [] as [number, number][] };
  for (let round = 0; round < rounds; round++) {
    for (const carrier of CARRIERS) {
      await echo(connections[carrier], ECHOES / 10);
      const before = cpuMicros() + (await serverMicros(server));
      const started = performance.now();
      await echo(connections[carrier], ECHOES);
      const seconds = (performance.now() - started) / 1000;
      const cpu = cpuMicros() + (await serverMicros(server)) - before;
      runs[carrier].push([cpu / ECHOES, ECHOES / seconds]);
    }
  }
  for (const carrier of CARRIERS) {
    if (connections[carrier].carrier !== carrier) throw new Error(`${carrier} was not used.`);
    add(`${carrier}EchoCpuUs`, median(runs[carrier].map(([cpuUs]) => cpuUs)), "µs");
    add(`${carrier}EchoesPerSecond`, median(runs[carrier].map(([, perSecond]) => perSecond)), "1/s");
    add(`${carrier}SequentialP50Us`, await sequentialMicros(connections[carrier]), "µs");
  }
  for (const connection of Object.values(connections)) await connection.close();
  await node.close();
  server.kill("SIGKILL");
  await dht.close();
  report("network", figures);
}

const { values } = parseArgs({
  options: {
    serve: { type: "boolean", default: false },
    bootstrap: { type: "string", default: "[]" },
    rounds: { type: "string", default: "7" },
  },
});
if (values.serve) await serve(values.bootstrap);
else await main(Number(values.rounds));
