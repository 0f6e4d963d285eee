import { DemecError } from "@demec/protocol";

/** What a node may say of itself. */
export const SECTIONS = { addresses: 1, advert: 2 } as const;
export type Section = (typeof SECTIONS)[keyof typeof SECTIONS];

/** What the DHT takes. */
const MAX_RECORD_BYTES = 1000;
const HEADER_BYTES = 3;

/**
 * A record: sections of `type u8 · length u16 · bytes`, big-endian, of which a reader skips those it doesn't know.
 * @throws network/record-too-long
 */
export function encodeSections(sections: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const record = [...sections].flatMap(([type, bytes]) => [type, bytes.length >> 8, bytes.length & 255, ...bytes]);
  if (record.length > MAX_RECORD_BYTES) {
    throw new DemecError("network/record-too-long", `A record of ${record.length} bytes does not fit the DHT.`, {
      details: { bytes: record.length, limit: MAX_RECORD_BYTES },
    });
  }
  return Uint8Array.from(record);
}

/** The sections of a record that anybody may have written; what is malformed ends it. */
export function decodeSections(record: Uint8Array): Map<number, Uint8Array> {
  const sections = new Map<number, Uint8Array>();
  for (let at = 0; at + HEADER_BYTES <= record.length; ) {
    const start = at + HEADER_BYTES;
    const end = start + record[at + 1]! * 256 + record[at + 2]!;
    if (end > record.length) break;
    sections.set(record[at]!, record.subarray(start, end));
    at = end;
  }
  return sections;
}
