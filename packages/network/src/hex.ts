import { DemecError, type Hex } from "@demec/protocol";

const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case, 0x-prefixed. */
export function toHex(bytes: Uint8Array): Hex {
  let text = "0x";
  for (const byte of bytes) text += HEX_OF_BYTE[byte]!;
  return text as Hex;
}

/** The 32 bytes of a key or hash. @throws protocol/malformed */
export function fromHex(text: Hex): Uint8Array {
  if (!/^0x[0-9a-f]{64}$/i.test(text)) {
    throw new DemecError("protocol/malformed", `${text} is not 32 bytes in hexadecimal.`, { details: { text } });
  }
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16));
}
