/**
 * Large payloads through a paid session against HTTP/1.1 (undici to node:http) with the same bytes in the same run, by turns, each
 * with client and server in processes of their own; and what small calls of the same session feel of uploads without end.
 * CPU is that of both ends, the provider's sandboxed executor included. Writes to bench/results/streams.json.
 *
 *   node bench/streams.ts [--rounds <n>] [--seconds <n>]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatServiceMetadata } from "@demec/protocol";
import type { Service } from "@demec/sdk";
import { Pool } from "undici";
import { CREDIT, LocalMarket, USD } from "../test/support/localMarket.ts";
import { against, type Figure, median, report, round } from "./figures.ts";
import { openLoop } from "./network/load.ts";
import { ownCpuMicros, treeCpuMicros } from "./network/processCpu.ts";
import { ENDS, number, PAGES, SOURCE } from "./streams/payloads.ts";

const MIB = 1 << 20;
/** Nearly the largest message: of input, of a result, of streamed output. */
const PAYLOAD_BYTES = 15 * MIB;
/** Of each kind, one after the other, in one round. */
const TRANSFERS = 4;
const SMALL_CALLS_PER_SECOND = 200;
const LIMITS = { bitOps: 1_000_000_000n, floatOps: 0n, memoryPages: PAGES, outputBytes: PAYLOAD_BYTES };
/** Cheap enough for some gigabytes in one session. */
const TARIFF = { a: 10n ** 10n, b: 0n, c: 10n ** 11n, d: 0n, e: 0n, f: 0n };

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, seconds: { type: "string", default: "20" } },
});

/** One payload, from here to there or back. */
type Transfer = () => Promise<void>;

interface Speed {
  /** 10⁶ bytes per second. */
  readonly megabytesPerSecond: number;
  /** Of both ends, for 10⁶ bytes. */
  readonly cpuMs: number;
}

interface End {
  /** CPU time of both ends so far; microseconds. */
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

function expectBytes(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${actual} bytes came instead of ${expected}.`);
}

async function httpEnd(): Promise<End & { readonly up: Transfer; readonly down: Transfer }> {
  const server: ChildProcess = fork(join(import.meta.dirname, "streams", "httpServer.ts"));
  const [port] = await once(server, "message");
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 });
  const body = Buffer.alloc(PAYLOAD_BYTES, 7);
  return {
    async up() {
      const response = await pool.request({ path: "/", method: "POST", body });
      expectBytes((await response.body.arrayBuffer()).byteLength, 8);
    },
    async down() {
      const response = await pool.request({ path: `/${PAYLOAD_BYTES}`, method: "GET" });
      expectBytes((await response.body.arrayBuffer()).byteLength, PAYLOAD_BYTES);
    },
    async cpuMicros() {
      server.send("cpu");
      const [micros] = await once(server, "message");
      return ownCpuMicros() + micros;
    },
    async stop() {
      await pool.close();
      server.disconnect();
      await once(server, "exit");
    },
  };
}

interface PaidEnd extends End {
  readonly up: Transfer;
  readonly down: Transfer;
  readonly streamed: Transfer;
  readonly small: Transfer;
}

async function paidEnd(): Promise<PaidEnd> {
  const market = await LocalMarket.start();
  try {
    const publish = (name: string, shape: "reactor" | "command", module: Uint8Array) =>
      market.publish(module, { tariff: TARIFF, metadata: formatServiceMetadata({ name, shape, limits: LIMITS }) });
    const names = [await publish("ends", "reactor", ENDS), await publish("source", "command", SOURCE)];
    const provider = await market.spawnProvider({ services: names, args: ["--tcp", "127.0.0.1:0"] });
    const demec = await market.connect(await market.account({ usd: 100n * USD }), { dataDir: market.newFolder() });
    const buy = (name: string) => demec.service(name, { budget: 10n * USD, sessionCredits: 20n * CREDIT });
    const [ends, source] = [await buy(names[0]!), await buy(names[1]!)] as [Service, Service];
    const input = new Uint8Array(PAYLOAD_BYTES).fill(7);
    // What a call of it needs: a small one shall not hold the exposure of a large one.
    const limits = { outputBytes: 1024 };
    return {
      async up() {
        expectBytes((await ends.call(input, { deadlineMs: 60_000, limits })).length, 8);
      },
      async down() {
        expectBytes((await ends.call(number(PAYLOAD_BYTES), { deadlineMs: 60_000 })).length, PAYLOAD_BYTES);
      },
      async streamed() {
        let bytes = 0;
        for await (const chunk of source.stream(number(PAYLOAD_BYTES >> 16), { deadlineMs: 60_000 })) {
          bytes += chunk.length;
        }
        expectBytes(bytes, PAYLOAD_BYTES);
      },
      async small() {
        expectBytes((await ends.call("a small call", { limits })).length, 8);
      },
      cpuMicros: async () => ownCpuMicros() + treeCpuMicros(provider.process.child.pid!),
      stop: () => market.stop(),
    };
  } catch (error) {
    await market.stop();
    throw error;
  }
}

async function speedOf(transfer: Transfer, end: End): Promise<Speed> {
  const cpuBefore = await end.cpuMicros();
  const started = performance.now();
  for (let i = 0; i < TRANSFERS; i++) await transfer();
  const seconds = (performance.now() - started) / 1000;
  const megabytes = (TRANSFERS * PAYLOAD_BYTES) / 1e6;
  const cpuMs = ((await end.cpuMicros()) - cpuBefore) / 1000;
  return { megabytesPerSecond: megabytes / seconds, cpuMs: cpuMs / megabytes };
}

/** Latencies of small calls at a steady rate, alone and while one large input after the other goes up. */
async function smallCalls({ small, up }: PaidEnd) {
  const seconds = Number(values.seconds);
  const alone = await openLoop(small, SMALL_CALLS_PER_SECOND, seconds);
  let isOver = false;
  let uploads = 0;
  const uploading = (async () => {
    for (; !isOver; uploads++) await up();
  })();
  const beside = await openLoop(small, SMALL_CALLS_PER_SECOND, seconds);
  isOver = true;
  await uploading;
  return { alone, beside, megabytesPerSecond: (uploads * PAYLOAD_BYTES) / 1e6 / seconds };
}

async function measure(paid: PaidEnd, http: Awaited<ReturnType<typeof httpEnd>>): Promise<Figure[]> {
  const kinds = {
    httpUpload: [http.up, http],
    upload: [paid.up, paid],
    httpDownload: [http.down, http],
    download: [paid.down, paid],
    streamedOutput: [paid.streamed, paid],
  } as const;
  type Kind = keyof typeof kinds;
  const all = Object.keys(kinds) as Kind[];
  const speeds = Object.fromEntries(all.map((kind) => [kind, []])) as unknown as Record<Kind, Speed[]>;
  for (const kind of all) await kinds[kind][0]();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const kind of all) {
      const [transfer, end] = kinds[kind];
      speeds[kind].push(await speedOf(transfer, end));
    }
  }
  const speed = (kind: Kind) => median(speeds[kind].map(({ megabytesPerSecond }) => megabytesPerSecond));
  const cpu = (kind: Kind) => median(speeds[kind].map(({ cpuMs }) => cpuMs));
  const plain = (name: string, value: number, unit: string): Figure => ({
    ...{ name, unit, target: null },
    value: round(value, 2),
  });
  const { alone, beside, megabytesPerSecond } = await smallCalls(paid);
  return [
    ...(["upload", "download", "streamedOutput"] as const).flatMap((kind) => {
      const other = kind === "upload" ? "httpUpload" : "httpDownload";
      return [
        against(plain(`${kind}MegabytesPerSecond`, speed(kind), "MB/s"), "HTTP", round(speed(other), 2)),
        against(plain(`${kind}CpuMsPerMegabyte`, cpu(kind), "ms"), "HTTP", round(cpu(other), 2)),
      ];
    }),
    plain("smallCallP50Ms", alone.p50Ms, "ms"),
    plain("smallCallP99Ms", alone.p99Ms, "ms"),
    plain("smallCallP50BesideUploadsMs", beside.p50Ms, "ms"),
    against(plain("smallCallP99BesideUploadsMs", beside.p99Ms, "ms"), "without", round(alone.p99Ms, 2)),
    plain("uploadsBesideSmallCallsMegabytesPerSecond", megabytesPerSecond, "MB/s"),
    plain("smallCallErrors", alone.errors + beside.errors, ""),
  ];
}

const http = await httpEnd();
try {
  const paid = await paidEnd();
  try {
    report("streams", await measure(paid, http));
  } finally {
    await paid.stop();
  }
} finally {
  await http.stop();
}
