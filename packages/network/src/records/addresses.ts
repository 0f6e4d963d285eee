import type { Hex } from "@demec/protocol";

/** Addresses of one node at most, and the longest. */
export const MAX_ADDRESSES = 4;
export const MAX_ADDRESS_BYTES = 100;

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder() };

/** The section of addresses in a node's record: of each `length u8 · UTF-8`. */
export function encodeAddresses(addresses: readonly string[]): Uint8Array {
  return Uint8Array.from(
    addresses.slice(0, MAX_ADDRESSES).flatMap((address) => {
      const bytes = utf8.encoder.encode(address);
      return [bytes.length, ...bytes];
    }),
  );
}

/** The addresses in a section that anybody may have written; what is malformed ends the list. */
export function decodeAddresses(section: Uint8Array): string[] {
  const addresses: string[] = [];
  for (let at = 0; at < section.length && addresses.length < MAX_ADDRESSES; ) {
    const end = at + 1 + section[at]!;
    if (end > section.length || section[at]! > MAX_ADDRESS_BYTES) break;
    addresses.push(utf8.decoder.decode(section.subarray(at + 1, end)));
    at = end;
  }
  return addresses;
}

const VIA = /^via:\/\/([0-9a-f]{64})$/;

/** The address of a node that is reached by a guide's tunnels. */
export function viaAddress(guide: Hex): string {
  return `via://${guide.slice(2)}`;
}

/** The guides among these addresses, by their node keys. */
export function viaAddresses(addresses: readonly string[]): Hex[] {
  return addresses.flatMap((address): Hex[] => {
    const key = VIA.exec(address)?.[1];
    return key === undefined ? [] : [`0x${key}`];
  });
}

/** The addresses among these that are of WebSockets. */
export function webSocketAddresses(addresses: readonly string[]): URL[] {
  return addresses.flatMap((address) => {
    const url = URL.parse(address);
    return url?.protocol === "ws:" || url?.protocol === "wss:" ? [url] : [];
  });
}
