// Loaded before a program (NODE_OPTIONS=--import …): a time of day that a test sets. On SIGUSR2 it is off by as many milliseconds
// as the file DEMEC_CLOCK says. The monotonic clock goes on as before, as when somebody sets the clock of a machine.
import { readFileSync } from "node:fs";

const RealDate = Date;
let offsetMs = 0;

globalThis.Date = class extends RealDate {
  constructor(...args: [] | [number]) {
    if (args.length === 0) super(RealDate.now() + offsetMs);
    else super(...args);
  }
  static override now(): number {
    return RealDate.now() + offsetMs;
  }
} as DateConstructor;

process.on("SIGUSR2", () => {
  offsetMs = Number(readFileSync(process.env.DEMEC_CLOCK!, "utf8"));
});
