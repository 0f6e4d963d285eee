import type { Hex } from "viem";

/** Instructions that are younger than Paris or that some chain refuses; all others are on every chain we target. */
export const YOUNG_OPCODES = {
  PREVRANDAO: 0x44,
  BASEFEE: 0x48,
  BLOBHASH: 0x49,
  BLOBBASEFEE: 0x4a,
  TLOAD: 0x5c,
  TSTORE: 0x5d,
  MCOPY: 0x5e,
  PUSH0: 0x5f,
  CALLCODE: 0xf2,
  SELFDESTRUCT: 0xff,
} as const;
export type YoungOpcode = keyof typeof YOUNG_OPCODES;

const PUSH1 = 0x60;
const PUSH32 = 0x7f;

/** The {@link YOUNG_OPCODES} that occur in runtime bytecode as solc makes it, its trailing metadata aside. */
export function youngOpcodesOf(bytecode: Hex): ReadonlySet<YoungOpcode> {
  const code = withoutMetadata(Buffer.from(bytecode.slice(2), "hex"));
  const present = new Set<number>();
  for (let at = 0; at < code.length; at++) {
    const opcode = code[at]!;
    present.add(opcode);
    if (opcode >= PUSH1 && opcode <= PUSH32) at += opcode - PUSH1 + 1;
  }
  const names = Object.keys(YOUNG_OPCODES) as YoungOpcode[];
  return new Set(names.filter((name) => present.has(YOUNG_OPCODES[name])));
}

/** solc ends code with a CBOR map, whose length stands in the last two bytes. */
function withoutMetadata(code: Buffer): Buffer {
  const length = code.readUInt16BE(code.length - 2);
  return length + 2 <= code.length ? code.subarray(0, code.length - 2 - length) : code;
}
