import type { Command } from "commander";
import { parseDecimal, parseInteger } from "../amounts.ts";
import { capacityOf } from "../bench/capacity.ts";
import { parseResults } from "../bench/results.ts";
import { readBytes } from "../config.ts";
import { print } from "../output.ts";

interface CapacityCommandOptions {
  readonly rate: string;
  readonly from: string;
  readonly headroom: string;
  readonly spare: string;
  readonly maxP99: string;
}

export function addCapacity(program: Command): void {
  program
    .command("capacity")
    .description("how many providers a rate of calls takes, by what `demec bench --out` measured")
    .requiredOption("--rate <n>", "calls a second to be carried, over all clients")
    .option("--from <file>", "results of `demec bench --out`", "results.json")
    .option("--headroom <percent>", "what providers keep free for peaks", "30")
    .option("--spare <n>", "providers that may fail at once", "1")
    .option("--max-p99 <ms>", "latency that the measurement must have kept", "100")
    .addHelpText(
      "after",
      `
providers = ⌈rate × (1 + headroom) ÷ perProvider⌉ + spare, where perProvider is what was achieved, divided by the
providers that answered. It holds for machines like theirs and calls like those. Measure near the limit: a provider that
was asked for little is known to carry little. Needs no key and no chain.

Example:
  demec capacity --rate 10000 --from results.json`,
    )
    .action((options: CapacityCommandOptions, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json: boolean }>();
      const results = parseResults(new TextDecoder().decode(readBytes("Results", options.from)), options.from);
      const rate = parseDecimal("--rate", options.rate, 1e12);
      const headroom = parseDecimal("--headroom", options.headroom, 10_000) / 100;
      const spare = parseInteger("--spare", options.spare, 1_000_000);
      const maxP99Ms = parseDecimal("--max-p99", options.maxP99, 1e9);
      const capacity = capacityOf(results, { rate, headroom, spare, maxP99Ms });
      const { providers, perProvider, isSaturated } = capacity;
      const each = perProvider.toFixed(1);
      print(
        json,
        { rate, headroom, spare, ...capacity },
        `${providers} provider(s) for ${rate} calls/s: ⌈${rate} × ${1 + headroom} ÷ ${each}⌉ + ${spare}\n` +
          (isSaturated
            ? `Each was seen to carry ${each} calls/s at its limit.`
            : `Each was seen to carry ${each} calls/s and may carry more: it was not asked for more.`),
      );
    });
}
