import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { METER_EXPORTS } from "../../packages/wasm/src/meter/limits.ts";
import { COUNTERS, type Recording } from "./recording.ts";
import { skip as skipEngine } from "./support.ts";

const PLAYER = join(import.meta.dirname, "../../packages/wasmtime/target/release/demec-wasmtime-replay");

/** Why nothing can be played, or false. */
export const skip = skipEngine || (!existsSync(PLAYER) && "pnpm build:wasmtime did not make the player");

/** Plays recordings on Wasmtime; returns the lines played. @throws where a program goes another way than it did on V8 */
export function play(recordings: readonly Recording[]): number {
  const folder = mkdtempSync(join(tmpdir(), "demec-replay-"));
  try {
    const files = recordings.flatMap(({ module, lines }, i) => {
      const pair = [join(folder, `${i}.wasm`), join(folder, `${i}.txt`)] as const;
      writeFileSync(pair[0], module);
      writeFileSync(pair[1], `${lines.join("\n")}\n`);
      return pair;
    });
    return Number(
      execFileSync(PLAYER, [...COUNTERS, METER_EXPORTS.stack, ...files], { encoding: "utf8", stdio: "pipe" }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
