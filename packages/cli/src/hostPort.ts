import { badOption } from "./errors.ts";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** As an URL has it: an IPv6 address in brackets. */
export const hostInUrl = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** An address as `port`, `host:port` or `[IPv6]:port`; the host is 127.0.0.1 where it is left out. @throws cli/bad-option */
export function parseHostPort(name: string, text: string): HostPort {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? "127.0.0.1";
  const port = Number(digits);
  if (digits === undefined || port > 65_535) throw badOption(`${name} is "${text}", not [host:]port.`, { name, text });
  return { host, port };
}
