/** Prints a line for every random module of a range of seeds: hash of all that can be seen. Run under V8's tier flags. */
import { createHash } from "node:crypto";
import { instrumentModule } from "../meter/meter.ts";
import { execute } from "./execute.ts";
import { randomModule } from "./generate.ts";
import { wat } from "./wat.ts";

const [from, to] = process.argv.slice(2).map(Number) as [number, number];
for (let seed = from; seed < to; seed++) {
  const module = instrumentModule(wat(randomModule(seed, true)));
  const hash = createHash("sha256");
  for (const [x, y] of [
    [0, 0],
    [-7, 1e10],
    [1016, -0.5],
  ] as const) {
    const { end, memory, bitOps, floatOps } = execute(module, x, y);
    hash.update(`${end} ${bitOps} ${floatOps} `).update(memory);
  }
  console.log(`${seed} ${hash.digest("hex")}`);
}
