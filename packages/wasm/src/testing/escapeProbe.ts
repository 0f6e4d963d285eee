/**
 * What a stranger who had broken out of the engine would try. Runs in place of the executor's child; tries everything in
 * `Targets` and says on descriptor 1 what it got.
 */
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdirSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { connect, type NetConnectOpts } from "node:net";

export interface Targets {
  /** Files to read. */
  readonly files: readonly string[];
  /** Folders to list. */
  readonly folders: readonly string[];
  /** Folders to write into. */
  readonly writable: readonly string[];
  /** Pid of the parent, to signal and to read the environment of. */
  readonly parent: number;
  readonly program: string;
  readonly tcpPort: number;
  readonly udpPort: number;
  /** Paths of UNIX sockets; a leading zero byte: an abstract one. */
  readonly unixSockets: readonly string[];
}

/** Name of what succeeded, with what was got. */
export type Loot = Record<string, string>;

const TIMEOUT_MS = 1_500;
const loot: Loot = {};

function attempt(name: string, act: () => string): void {
  try {
    loot[name] = act();
  } catch {}
}

function attemptConnection(name: string, options: NetConnectOpts): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(options);
    const end = () => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(TIMEOUT_MS, end);
    socket.on("error", end);
    socket.on("connect", () => {
      loot[name] = "connected";
      end();
    });
  });
}

/** The listener tells whether it arrived; a send alone may succeed into nowhere. */
function attemptDatagram(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.on("error", () => resolve());
    socket.send("escaped", port, "127.0.0.1", () => socket.close(() => resolve()));
  });
}

const targets = JSON.parse(process.argv[2]!) as Targets;
loot.environment = Object.keys(process.env)
  .filter((name) => name !== "PWD")
  .join();
for (const path of [...targets.files, `/proc/${targets.parent}/environ`, "/proc/1/environ", "/proc/self/environ"]) {
  attempt(`read ${path}`, () => readFileSync(path, "latin1"));
}
for (const path of targets.folders) attempt(`list ${path}`, () => readdirSync(path).join());
for (const path of targets.writable) {
  attempt(`write ${path}`, () => {
    mkdirSync(`${path}/demec-escape`);
    writeFileSync(`${path}/demec-escape/file`, "escaped");
    return "written";
  });
}
attempt("signal", () => String(process.kill(targets.parent, 0)));
attempt("spawn", () => spawnSync(targets.program, ["--version"], { encoding: "utf8" }).stdout ?? "");
await attemptConnection("tcp", { host: "127.0.0.1", port: targets.tcpPort });
for (const [i, path] of targets.unixSockets.entries()) await attemptConnection(`unix ${i}`, { path });
await attemptDatagram(targets.udpPort);
writeSync(1, JSON.stringify(loot));
process.exit();
