import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hex } from "viem";
import { CHAIN_NAMES, CHAINS } from "../../scripts/chains.ts";
import { DEPLOYED_CONTRACTS } from "../../scripts/deployedContracts.ts";
import { withoutMemoryCopy } from "../../scripts/evm/memoryCopy.ts";
import { youngOpcodesOf } from "../../scripts/evm/opcodes.ts";
import { runtimeOf } from "../../scripts/profileRuntime.ts";

/** EIP-170, EIP-3860. */
const MAX_RUNTIME_BYTES = 24_576;
const MAX_CREATION_BYTES = 2 * MAX_RUNTIME_BYTES;

test("the disassembler sees instructions, and neither the data of pushes nor the metadata", () => {
  // PUSH2 5e5f, MCOPY, then two bytes of metadata (ff ff) and their length.
  assert.deepEqual([...youngOpcodesOf("0x615e5f5effff0002")], ["MCOPY"]);
  assert.deepEqual([...youngOpcodesOf("0x5f5c00000000")], ["TLOAD", "PUSH0"]);
});

for (const name of CHAIN_NAMES) {
  const { title, buildProfile, lacks } = CHAINS[name];
  test(`what ${title} gets has no instruction it lacks, and no contract exceeds 24,576 bytes`, async () => {
    const { artifacts } = await runtimeOf(buildProfile);
    for (const contract of DEPLOYED_CONTRACTS) {
      const { bytecode, deployedBytecode } = await artifacts.readArtifact(contract);
      assert.ok(
        deployedBytecode.length / 2 - 1 <= MAX_RUNTIME_BYTES,
        `${contract}: ${deployedBytecode.length / 2 - 1}`,
      );
      assert.ok(bytecode.length / 2 - 1 <= MAX_CREATION_BYTES);
      for (const code of [bytecode, deployedBytecode]) {
        const present = youngOpcodesOf(code as Hex);
        assert.deepEqual(
          lacks.filter((opcode) => present.has(opcode)),
          [],
          contract,
        );
      }
    }
  });
}

test("the default profile does use younger instructions, so that its test can fail", async () => {
  const { artifacts } = await runtimeOf("default");
  const { deployedBytecode } = await artifacts.readArtifact("SlaEscrow");
  const present = youngOpcodesOf(deployedBytecode as Hex);
  assert.ok(present.has("MCOPY") && present.has("PUSH0"));
});

test("MCOPY in a source is replaced with its arguments in place, everything else kept", () => {
  const source = "a(); mcopy(add(r, 0x20), add(f(x, y), 1), n) b(mcopyLike(1, 2))";
  const replaced = withoutMemoryCopy(source);
  assert.doesNotMatch(replaced, /\bmcopy\(/);
  assert.match(replaced, /let copyTo := add\(r, 0x20\)\s+let copyFrom := add\(f\(x, y\), 1\)\s+let copyLength := n\n/);
  assert.match(replaced, /^a\(\); \{/);
  assert.match(replaced, /\} b\(mcopyLike\(1, 2\)\)$/);
  assert.throws(() => withoutMemoryCopy("mcopy(a, b, c"), /no closing parenthesis/);
});
