import { webSocketAddresses } from "../records/addresses.ts";

/**
 * The WebSockets among some addresses that a page may call: a stranger's record must not lead it into the network that it is in,
 * and a page that came by TLS may not call without it.
 * @param isLocal whether everything is on this machine or in this network, its guides too
 */
export function reachableWebSockets(addresses: readonly string[], isLocal: boolean): string[] {
  const needsTls = globalThis.location?.protocol === "https:";
  return webSocketAddresses(addresses)
    .filter((url) => (isLocal || !isPrivate(url)) && (!needsTls || url.protocol === "wss:" || isLoopback(url.hostname)))
    .map(String);
}

/** Whether a WebSocket is in a private network or on this machine, as far as its address tells. */
export function isPrivate({ hostname: written }: URL): boolean {
  // A dot at the end says that the name is whole, and changes nothing of what it means.
  const hostname = written.replace(/\.$/, "");
  if (hostname.startsWith("[")) return !/^\[[23]/.test(hostname);
  const octets = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(hostname);
  if (octets === null) return !hostname.includes(".") || /\.(localhost|local|internal|home\.arpa)$/.test(hostname);
  const [first, second] = octets.slice(1).map(Number) as [number, number];
  return (
    first === 0 ||
    first === 10 ||
    first === 127 ||
    first >= 224 ||
    (first === 100 && second >= 64 && second < 128) ||
    (first === 169 && second === 254) ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168)
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
