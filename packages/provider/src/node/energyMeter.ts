import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a machine's processors took so far; only differences mean something. */
export interface EnergyMeter {
  /** Where it comes from, for people: `RAPL` or the watts that were stated. */
  readonly source: string;
  /** Since the meter was made. Read it more often than a counter wraps: on a busy processor, every few minutes. */
  joules(): number;
}

const POWER_CAP = "/sys/class/powercap";
/** A package with its parts in it; `intel-rapl:0:0` is one of the parts. AMD's come under the same name. */
const PACKAGE = /^intel-rapl:\d+$/;

/**
 * The counters of RAPL (running average power limit) that Linux shows for each processor package, where this process may
 * read them (root alone, on most systems). They count the processors, not the rest of the machine.
 * @param folder where Linux shows them
 */
export function raplMeter(folder = POWER_CAP): EnergyMeter | undefined {
  try {
    const domains = readdirSync(folder)
      .filter((name) => PACKAGE.test(name))
      .map((name) => join(folder, name))
      // Of the whole platform ("psys") packages are a part: counted twice otherwise.
      .filter((domain) => readFileSync(join(domain, "name"), "utf8").startsWith("package"));
    if (domains.length === 0) return undefined;
    const counters = domains.map((domain) => microjoules(domain));
    return { source: "RAPL", joules: () => counters.reduce((sum, count) => sum + count(), 0) / 1e6 };
  } catch {
    return undefined;
  }
}

/** A counter of one package since now, past its wrap. */
function microjoules(domain: string): () => number {
  const read = (file: string) => Number(readFileSync(join(domain, file), "utf8"));
  const range = read("max_energy_range_uj");
  let last = read("energy_uj");
  let total = 0;
  return () => {
    const now = read("energy_uj");
    total += now >= last ? now - last : now - last + range;
    last = now;
    return total;
  };
}

/** A machine of which is known only what it takes when it is busy. @param watts greater than 0 */
export function statedMeter(watts: number): EnergyMeter {
  const start = performance.now();
  return { source: `${watts} W as stated`, joules: () => (watts * (performance.now() - start)) / 1000 };
}
