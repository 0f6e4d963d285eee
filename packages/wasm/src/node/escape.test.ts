/** What somebody who had broken out of the engine could reach from a child: tried, with the executor's own launchers. */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { isDemecError } from "@demec/protocol/errors";
import type { Loot, Targets } from "../testing/escapeProbe.ts";
import { bubblewrapLauncher } from "./bubblewrap.ts";
import { childCommand } from "./childCommand.ts";
import { type Launcher, plainLauncher } from "./launcher.ts";

const SECRET = "demec-secret-of-the-provider";
const PROBE = fileURLToPath(new URL("../testing/escapeProbe.ts", import.meta.url));
const PACKAGE = dirname(dirname(dirname(PROBE)));

function sandbox(): Launcher | string {
  try {
    return bubblewrapLauncher();
  } catch (error) {
    if (!isDemecError(error)) throw error;
    return String(error.details.reason);
  }
}
const bubblewrap = sandbox();

let folder: string;
let tcp: Server;
let unix: Server;
let abstract: Server;
let udp: Socket;
let datagrams = 0;
let targets: Targets;

function listen(server: Server, at: string | number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    if (typeof at === "number") server.listen(at, "127.0.0.1", () => resolve(server));
    else server.listen(at, () => resolve(server));
  });
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "demec-escape-"));
  writeFileSync(join(folder, "operator.key"), SECRET);
  process.env.DEMEC_ESCAPE_SECRET = SECRET;
  tcp = await listen(createServer().unref(), 0);
  unix = await listen(createServer().unref(), join(folder, "socket"));
  const name = `\0demec-escape-${process.pid}`;
  abstract = await listen(createServer().unref(), name);
  udp = createSocket("udp4");
  udp.on("message", () => datagrams++);
  await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
  targets = {
    files: [join(folder, "operator.key"), "/etc/passwd", "/etc/hostname", join(PACKAGE, "../../package.json")],
    folders: [folder, homedir(), "/etc", "/home", dirname(PACKAGE)],
    writable: [folder, tmpdir(), "/dev/shm", "/", PACKAGE],
    parent: process.pid,
    program: process.execPath,
    tcpPort: (tcp.address() as { port: number }).port,
    udpPort: udp.address().port,
    unixSockets: [join(folder, "socket"), name],
  };
});

after(() => {
  for (const server of [tcp, unix, abstract]) server.close();
  udp.close();
  delete process.env.DEMEC_ESCAPE_SECRET;
  rmSync(folder, { recursive: true, force: true });
  rmSync("/dev/shm/demec-escape", { recursive: true, force: true });
});

/** What the probe gets in place of a child; `hasPermissionModel` false: with nothing but the launcher around it. */
async function loot(launcher: Launcher, hasPermissionModel = true): Promise<Loot> {
  const { program, args, readable } = childCommand(64, undefined);
  const flags = args.slice(0, -1).filter((flag) => hasPermissionModel || !/^--(permission|allow-)/.test(flag));
  const command = { program, readable, args: [...flags, PROBE, JSON.stringify(targets)] };
  const child = launcher.launch(command, () => {});
  child.stdout!.setEncoding("utf8");
  let output = "";
  for await (const text of child.stdout!) output += text;
  return JSON.parse(output);
}

/** Everything but what a process may know of itself. */
function names(found: Loot): string[] {
  return Object.keys(found).filter((name) => name !== "environment" && !/\/proc\/(1|self)\/environ/.test(name));
}

describe("under bubblewrap", { skip: typeof bubblewrap === "string" && bubblewrap }, () => {
  const launcher = bubblewrap as Launcher;

  it("a child reaches no key file, no secret, no socket, no process and nothing to write to", async () => {
    const found = await loot(launcher);
    assert.deepEqual(names(found), []);
    assert.equal(found.environment, "");
    assert.equal(datagrams, 0);
    assert.doesNotMatch(JSON.stringify(found), new RegExp(SECRET));
  });

  it("nor does it without Node's permission model, but for its own code and program", async () => {
    const found = await loot(launcher, false);
    assert.deepEqual(names(found), [`list ${dirname(PACKAGE)}`, "spawn"]);
    assert.equal(found.environment, "");
    assert.equal(datagrams, 0);
    assert.doesNotMatch(JSON.stringify(found), new RegExp(SECRET));
  });
});

describe("without a sandbox", () => {
  it("Node's permission model holds files, secrets and programs; the network it does not, as the name says", async () => {
    const launcher = plainLauncher("this test wants none");
    assert.equal(launcher.name, "none: this test wants none");
    const found = await loot(launcher);
    assert.equal(found.environment, "");
    assert.doesNotMatch(JSON.stringify(found), new RegExp(SECRET));
    const open = names(found).filter((name) => !/^(tcp|unix|signal)/.test(name));
    assert.deepEqual(open, []);
    // The probe can find what is there to be found: without this the tests above would prove nothing.
    assert.equal(found.tcp, "connected");
    assert.equal(found["unix 0"] ?? found["unix 1"], "connected");
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(datagrams, 1);
    assert.equal(readFileSync(join(folder, "operator.key"), "utf8"), SECRET);
  });
});
