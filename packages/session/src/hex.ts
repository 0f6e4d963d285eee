import type { Hex } from "@demec/protocol";

const OCTETS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

export function toHex(bytes: Uint8Array): Hex {
  let text = "";
  for (const octet of bytes) text += OCTETS[octet];
  return `0x${text}`;
}

/** @throws RangeError for anything but pairs of hexadecimal digits after 0x */
export function fromHex(text: string): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(text)) throw new RangeError(`${text} is not hexadecimal`);
  const bytes = new Uint8Array((text.length - 2) / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16);
  return bytes;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
