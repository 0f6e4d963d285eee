/**
 * `pnpm bench:ux`: the five minutes of docs/start.md as a newcomer has them, on a fresh clone of HEAD in a folder that is
 * removed again: every command is read from the page, run as it stands there, and timed. Results go to bench/results/ux.json.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { snippetsOf } from "../scripts/docs/snippets.ts";
import { type Figure, report, round } from "./figures.ts";

const ROOT = join(import.meta.dirname, "..");
const shown = snippetsOf("docs/start.md").filter(({ hidden }) => !hidden);
const blocks = shown.filter(({ language }) => language === "sh").map(({ code }) => code.trim().split("\n"));
const [install, makeFunction, , makeApp] = blocks as [string[], string[], string[], string[]];
const program = shown.find(({ language }) => language === "ts")!.code;

const folder = mkdtempSync(join(tmpdir(), "demec-ux-"));
const clone = join(folder, "demec");
const env = {
  ...process.env,
  DEMEC_HOME: join(folder, "home"),
  // What --global means here is gone with the folder. Node 24 runs app.ts.
  npm_config_prefix: join(folder, "global"),
  PATH: [join(folder, "global/bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
};
const seconds: Record<string, number> = {};

/** Runs lines in one shell, and gives what they said. */
async function shell(lines: readonly string[], cwd: string): Promise<string> {
  const started = performance.now();
  const child = spawn("sh", ["-ec", lines.join("\n")], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (child.exitCode !== 0) throw new Error(`${lines.join("; ")} failed:\n${stderr}`);
  seconds[lines.join("; ")] = (performance.now() - started) / 1000;
  return stdout;
}

/** Starts `demec dev`, and waits until it says that it is ready. */
async function startNetwork(): Promise<ChildProcess> {
  const started = performance.now();
  const child = spawn("demec", ["dev"], { cwd: clone, env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const chunk of child.stdout) if (String(chunk).includes("ready")) break;
  if (child.exitCode !== null) throw new Error("demec dev ended too early.");
  seconds["demec dev"] = (performance.now() - started) / 1000;
  return child;
}

function expectShout(what: string, output: string): void {
  if (output.trim() !== "HELLO, EDGE") throw new Error(`${what} gave ${JSON.stringify(output)}.`);
}

let network: ChildProcess | undefined;
try {
  await shell([`git clone --quiet --local "${ROOT}" "${clone}"`], folder);
  const started = performance.now();
  const [link, dev, ...more] = install;
  if (dev !== "demec dev" || more.length > 0) throw new Error("docs/start.md begins otherwise than this replays.");
  await shell([link!], clone);
  network = await startNetwork();
  const shouted = await shell(makeFunction, folder);
  expectShout("demec invoke", shouted.split("\n").at(-1)!);
  const secondsToFirstCall = (performance.now() - started) / 1000;
  const answered = await shell(makeApp, folder);
  expectShout("app.ts", answered.trim().split("\n").at(-1)!);
  const secondsToFirstCallFromProgram = (performance.now() - started) / 1000;
  const stated = (name: string, value: number, unit: string, note = ""): Figure => {
    return { name, value: round(value), unit, target: null, note };
  };
  report("ux", [
    stated("commandsToFirstCall", install.length + makeFunction.length, ""),
    { ...stated("helloWorldLines", program.trim().split("\n").length, ""), target: 10 },
    stated("secondsToFirstCall", secondsToFirstCall, "s", "set-up of the clone included"),
    stated("secondsToFirstCallFromProgram", secondsToFirstCallFromProgram, "s"),
    ...Object.entries(seconds).map(([what, value], i) => stated(`secondsOfStep${i}`, value, "s", what)),
  ]);
} finally {
  if (network !== undefined) {
    network.kill("SIGTERM");
    if (network.exitCode === null) await once(network, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
}
