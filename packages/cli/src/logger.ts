import { Option } from "commander";
import pino from "pino";

/** How much a command logs. @param what of whose log */
export function logLevelOption(what = "of the log on stderr"): Option {
  return new Option("--log-level <level>", what).choices(["debug", "info", "warn", "error", "silent"]).default("info");
}

/** A log of JSON lines on stderr. */
export function logTo(level: string): pino.Logger {
  return pino({ level, formatters: { log: plain } }, pino.destination({ fd: 2, sync: true }));
}

/** Log fields as JSON can hold them. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Error) {
    const cause = value.cause === undefined ? {} : { cause: plainValue(value.cause) };
    return { name: value.name, message: value.message, stack: value.stack, ...cause };
  }
  if (Array.isArray(value)) return value.map(plainValue);
  return value;
}
