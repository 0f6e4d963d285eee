import { DemecError, type Hex } from "@demec/protocol";

/** Lower-case, 0x-prefixed. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/** The 32 bytes of a key or hash. @throws protocol/malformed */
export function fromHex(text: Hex): Buffer {
  if (!/^0x[0-9a-f]{64}$/i.test(text)) {
    throw new DemecError("protocol/malformed", `${text} is not 32 bytes in hexadecimal.`, { details: { text } });
  }
  return Buffer.from(text.slice(2), "hex");
}
