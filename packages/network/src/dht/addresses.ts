import { BlockList, isIP } from "node:net";

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

/** Networks that are nobody's on the internet, and where a stranger's record must not lead us. */
const RESERVED = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 3],
] as const) {
  RESERVED.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  RESERVED.addSubnet(network, prefix, "ipv6");
}

/** Whether an IP address is one of a private network or of this machine. */
export function isReserved(host: string): boolean {
  return RESERVED.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
}

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** The `tcp://` addresses among these that have a literal IP address. */
export function tcpAddresses(addresses: readonly string[]): TcpAddress[] {
  return addresses.flatMap((address) => {
    const match = /^tcp:\/\/(?:\[([0-9a-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/i.exec(address);
    const host = match?.[1] ?? match?.[2] ?? "";
    const port = Number(match?.[3]);
    return isIP(host) === 0 || !(port > 0 && port < 65536) ? [] : [{ host, port }];
  });
}
