import { BlockList, isIP } from "node:net";

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
