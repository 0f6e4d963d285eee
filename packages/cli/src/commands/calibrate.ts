import type { Tariff } from "@demec/protocol";
import type { Calibration, WorkMeasurement } from "@demec/provider/node";
import Table from "cli-table3";
import type { Command } from "commander";
import { formatCredits, parsePositive } from "../amounts.ts";
import { print } from "../output.ts";
import { timedStep } from "../progress.ts";

interface CalibrateCommandOptions {
  readonly watts?: string;
  readonly seconds: string;
}

/** Integer, memory, float, bytes: each is measured for as long. */
const CLASSES = 4;

export function addCalibrate(provider: Command): void {
  provider
    .command("calibrate")
    .description("measure what this machine's work takes, and print the tariff that prices it at its energy")
    .option("--watts <n>", "what the machine draws when all its cores are busy (default: read from RAPL)")
    .option("--seconds <n>", "how long each of the four classes of work is measured", "3")
    .addHelpText(
      "after",
      `
A credit is the work that costs one watt-hour on the reference machine of a tariff: here, on this one. Stop what else the
machine does: all its cores are busy for a quarter of a minute. Needs no key and no chain.

Example:
  demec deploy thumbnail.wasm --payment-token 0x5FbD… --tariff "$(demec provider calibrate --watts 45 --json | jq -r .tariff)"`,
    )
    .action(async (options: CalibrateCommandOptions, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json: boolean }>();
      const watts = options.watts === undefined ? undefined : parsePositive("--watts", options.watts, 100_000);
      const secondsPerClass = parsePositive("--seconds", options.seconds, 600);
      const { calibrate } = await import("@demec/provider/node");
      const calibration = await timedStep("measuring", CLASSES * secondsPerClass, () =>
        calibrate({ watts, secondsPerClass }),
      );
      const tariff = tariffText(calibration.tariff);
      print(json, { ...calibration, tariff }, describe(calibration, tariff));
    });
}

/** A tariff as `--tariff` of `demec deploy` takes it: credits, in full. */
function tariffText({ a, b, c, d, e, f }: Tariff): string {
  return [a, b, c, d, e, f].map(formatCredits).join(",");
}

function describe({ engine, energySource, lanes, measurements }: Calibration, tariff: string): string {
  const { integer, memory, float, bytes } = measurements;
  const table = new Table({ head: ["work", "per second", "energy"], style: { head: [] } });
  table.push(
    row("integer", integer, integer.bitOps, "bitOps"),
    row("memory", memory, memory.bitOps, "bitOps"),
    row("float", float, float.floatOps, "floatOps"),
    row("bytes in and out", bytes, bytes.bytes, "bytes"),
  );
  return `engine ${engine}, ${lanes} lane(s), energy: ${energySource}\n${table}\n--tariff ${tariff}`;
}

function row(name: string, { seconds, joules }: WorkMeasurement, amount: bigint, unit: string): string[] {
  const count = Number(amount);
  const nanojoules = ((joules * 1e9) / count).toPrecision(3);
  return [name, `${(count / seconds / 1e6).toFixed(0)} million ${unit}`, `${nanojoules} nJ each`];
}
