import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { randomModule } from "../testing/generate.ts";
import { wat } from "../testing/wat.ts";
import { ByteReader } from "./bytes.ts";
import { instrumentModule } from "./meter.ts";
import { parseModule } from "./parse.ts";
import { readName } from "./structure.ts";

const IF = 0x04;
const BRANCH_IF = 0x0d;

/** Function index and offset in its body of every hint, all of which say "unlikely". */
function hintsOf(module: Uint8Array): [functionIndex: number, offset: number][] {
  const hints: [number, number][] = [];
  const sections = new ByteReader(module, 8);
  while (sections.position < module.length) {
    const id = sections.byte();
    const size = sections.u32();
    const section = new ByteReader(module, sections.position, sections.position + size);
    sections.skip(size);
    if (id !== 0 || readName(section) !== "metadata.code.branch_hint") continue;
    for (let functions = section.u32(); functions > 0; functions--) {
      const index = section.u32();
      for (let count = section.u32(); count > 0; count--) {
        hints.push([index, section.u32()]);
        assert.deepEqual([section.byte(), section.byte()], [1, 0]);
      }
    }
    assert.equal(section.position, section.end);
  }
  return hints;
}

it("every hint names a branch of the rewritten function it stands for", () => {
  let seen = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
      const module = instrumentModule(wat(randomModule(seed, true)));
      const { bodies, importedFunctions } = parseModule(module);
      for (const [index, offset] of hintsOf(module)) {
        const opcode = module[bodies[index - importedFunctions]!.start + offset]!;
        assert.ok(opcode === IF || opcode === BRANCH_IF, `a hint names opcode ${opcode}`);
        seen++;
      }
    }),
    { numRuns: 100 },
  );
  assert.ok(seen > 100);
});
