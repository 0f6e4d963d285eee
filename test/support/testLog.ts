import type { DaemonOptions } from "@demec/provider/node";

type Fields = Readonly<Record<string, unknown>>;
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Fields;
}

/** A provider's log, kept. */
export class TestLog implements NonNullable<DaemonOptions["logger"]> {
  readonly lines: LogLine[] = [];
  readonly debug = this.#at("debug");
  readonly info = this.#at("info");
  readonly warn = this.#at("warn");
  readonly error = this.#at("error");

  /** Lines that nobody should see while all goes well. */
  get errors(): readonly LogLine[] {
    return this.lines.filter(({ level }) => level === "error");
  }

  #at(level: LogLine["level"]) {
    return (fields: Fields, message: string) => void this.lines.push({ level, fields, message });
  }
}
