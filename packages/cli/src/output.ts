import { ERROR_TABLE, type ErrorCode, isDemecError, toJson } from "@demec/protocol";
import Table from "cli-table3";
import ora from "ora";
import pc from "picocolors";

/** Prints a command's result: the text for people, or the value as one line of JSON. */
export function print(json: boolean, value: unknown, text: string): void {
  console.log(json ? toJson(value) : text);
}

/** Rows under a head, for people. @param none what is said instead where there are no rows */
export function table(head: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return none;
  const drawn = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) drawn.push([...row]);
  return drawn.toString();
}

/** A time for people, by its two largest units: `3 d 4 h`, `12 s`. @param seconds ≥ 0 */
export function formatAge(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.floor(seconds);
  for (const [unit, length] of [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

let wantsJson = false;

/** Says once, for the whole command, that its output is read by programs. */
export function expectJson(json: boolean): void {
  wantsJson = json;
}

/** Whether nobody watches: stderr is no terminal, or the output is for programs. */
export const isQuiet = (): boolean => wantsJson || !process.stderr.isTTY;

/** Runs a step with a spinner on stderr, where somebody watches. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const spinner = ora({ text: what, stream: process.stderr, isSilent: isQuiet() }).start();
  try {
    const result = await work();
    spinner.succeed();
    return result;
  } catch (error) {
    spinner.fail();
    throw error;
  }
}

/** Prints an error: with a code its sentence and next step; without one, everything, because nobody expected it. */
export function printError(error: unknown, json: boolean): void {
  if (!isDemecError(error)) {
    console.error(json ? toJson({ code: "unexpected", message: String(error) }) : error);
    return;
  }
  const { code, details, message } = error;
  // Where the other side refused, what cures its reason helps; ours only says whose it is.
  const next = isErrorCode(details.code) ? ERROR_TABLE[details.code].next : error.next;
  if (json) console.error(toJson({ code, message, details, next }));
  else console.error(`${pc.red("error")} ${message.replace(/ Next: .*$/s, "")}\n${pc.dim(`next:  ${next}`)}`);
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_TABLE, code);
}
