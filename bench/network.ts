// CPU per echoed 256-byte frame of our channel (UDX, Noise, corked frames) against an HTTP keep-alive echo (undici to
// node:http), client and server in separate processes, both sides' CPU counted, same number in flight, interleaved in
// one run. Prints the figures and writes them to bench/results/network.json.
//   node bench/network.ts [--rounds <n>]
import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { type Connection, Node, startLocalDht } from "@demec/network";
import { decodeFrame, encodeFrame, type SessionFrame } from "@demec/protocol";
import { Pool } from "undici";

const IN_FLIGHT = 64;
const ECHOES = { demec: 40_000, http: 8_000 } as const;
const SEQUENTIAL = 2_000;

type ServerMessage = { ready: string } | { cpuMicros: number };

// ---- servers, each in its own process ----

async function serve(kind: string, bootstrap: string): Promise<void> {
  let ready: string;
  if (kind === "http") {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => response.end(Buffer.concat(chunks)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ready = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  } else {
    const node = await Node.create({ bootstrap: JSON.parse(bootstrap), host: "127.0.0.1" });
    await node.listen({
      onConnection: (connection) =>
        connection.onMessage((frame) => {
          if (frame.type !== "unsupported") connection.send(frame);
        }),
    });
    ready = node.publicKey;
  }
  process.on("message", () => process.send!({ cpuMicros: cpuMicros() }));
  process.send!({ ready });
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

class Server {
  readonly child: ChildProcess;
  constructor(kind: string, bootstrap: unknown) {
    this.child = fork(import.meta.filename, ["--serve", kind, "--bootstrap", JSON.stringify(bootstrap)]);
  }
  next(): Promise<ServerMessage> {
    return new Promise((resolve) => this.child.once("message", (message) => resolve(message as ServerMessage)));
  }
  async ready(): Promise<string> {
    const message = await this.next();
    return "ready" in message ? message.ready : "";
  }
  async cpuMicros(): Promise<number> {
    const answer = this.next();
    this.child.send("cpu");
    const message = await answer;
    return "cpuMicros" in message ? message.cpuMicros : 0;
  }
}

// ---- clients ----

type Echo = () => Promise<void>;

const PAYLOAD = new Uint8Array(256).fill(7);
const call = (callId: number): SessionFrame => ({
  type: "session",
  handle: 1,
  message: {
    type: "invoke",
    callId,
    deadlineMs: 1000,
    request: {
      shape: "reactor",
      input: PAYLOAD,
      args: [],
      env: [],
      files: [],
      envSalt: new Uint8Array(32),
      clockNs: 0n,
      seed: new Uint8Array(32),
      limits: { bitOps: 1_000_000n, floatOps: 0n, memoryPages: 16, outputBytes: 4096 },
    },
  },
});

function demecEcho(connection: Connection): Echo {
  const waiting = new Map<number, () => void>();
  let callId = 0;
  connection.onMessage((frame) => {
    if (frame.type !== "session" || frame.message.type !== "invoke") return;
    const id = frame.message.callId;
    waiting.get(id)!();
    waiting.delete(id);
  });
  return () =>
    new Promise((resolve) => {
      waiting.set(++callId, resolve);
      connection.send(call(callId));
    });
}

function httpEcho(pool: Pool): Echo {
  const body = Buffer.from(PAYLOAD);
  return async () => {
    const response = await pool.request({ path: "/", method: "POST", body });
    await response.body.arrayBuffer();
  };
}

/** `count` echoes with IN_FLIGHT at a time. */
async function run(echo: Echo, count: number): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await echo();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function measure(echo: Echo, count: number, server: Server): Promise<{ cpuUs: number; perSecond: number }> {
  await run(echo, count / 10);
  const cpuBefore = cpuMicros() + (await server.cpuMicros());
  const started = performance.now();
  await run(echo, count);
  const seconds = (performance.now() - started) / 1000;
  const cpu = cpuMicros() + (await server.cpuMicros()) - cpuBefore;
  return { cpuUs: cpu / count, perSecond: count / seconds };
}

async function sequential(echo: Echo): Promise<number> {
  const micros: number[] = [];
  for (let i = 0; i < SEQUENTIAL; i++) {
    const started = performance.now();
    await echo();
    micros.push((performance.now() - started) * 1000);
  }
  return median(micros);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Nanoseconds to encode and decode one 256-byte call. */
function codec(): { encodeNs: number; decodeNs: number } {
  const frame = call(100_000);
  const bytes = encodeFrame(frame);
  const time = (act: () => void) => {
    const runs: number[] = [];
    for (let run = 0; run < 5; run++) {
      const started = performance.now();
      for (let i = 0; i < 100_000; i++) act();
      runs.push((performance.now() - started) * 10);
    }
    return median(runs);
  };
  return { encodeNs: time(() => encodeFrame(frame)), decodeNs: time(() => decodeFrame(bytes)) };
}

async function main(rounds: number): Promise<void> {
  const dht = await startLocalDht();
  const servers = { demec: new Server("demec", dht.bootstrap), http: new Server("http", []) };
  const key = (await servers.demec.ready()) as `0x${string}`;
  const url = await servers.http.ready();
  const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1" });
  const connection = await node.connect(key);
  const pool = new Pool(url, { connections: IN_FLIGHT });
  const echo = { demec: demecEcho(connection), http: httpEcho(pool) };

  const runs = {
    demec: [] as { cpuUs: number; perSecond: number }[],
    http: [] as { cpuUs: number; perSecond: number }[],
  };
  for (let round = 0; round < rounds; round++) {
    for (const kind of ["demec", "http"] as const) {
      runs[kind].push(await measure(echo[kind], ECHOES[kind], servers[kind]));
    }
  }
  const cpuUs = { demec: median(runs.demec.map((r) => r.cpuUs)), http: median(runs.http.map((r) => r.cpuUs)) };
  const figures = {
    echoCpuUs: cpuUs.demec,
    httpCpuUs: cpuUs.http,
    echoCpuVsHttp: cpuUs.demec / cpuUs.http,
    echoesPerSecond: median(runs.demec.map((r) => r.perSecond)),
    httpPerSecond: median(runs.http.map((r) => r.perSecond)),
    echoSequentialP50Us: await sequential(echo.demec),
    httpSequentialP50Us: await sequential(echo.http),
    ...codec(),
  };

  await connection.close();
  await Promise.all([node.close(), pool.close()]);
  for (const server of Object.values(servers)) server.child.kill("SIGKILL");
  await dht.close();

  const rounded = Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );
  const results = new URL("results/", import.meta.url);
  mkdirSync(results, { recursive: true });
  writeFileSync(new URL("network.json", results), `${JSON.stringify(rounded, null, 2)}\n`);
  console.log(JSON.stringify(rounded, null, 2));
}

const { values } = parseArgs({
  options: {
    serve: { type: "string" },
    bootstrap: { type: "string", default: "[]" },
    rounds: { type: "string", default: "7" },
  },
});
if (values.serve !== undefined) await serve(values.serve, values.bootstrap);
else await main(Number(values.rounds));
