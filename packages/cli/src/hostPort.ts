import { badOption } from "./errors.ts";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** An address as `port`, or `host:port`; the host is 127.0.0.1 where it is left out. @throws cli/bad-option */
export function parseHostPort(name: string, text: string): HostPort {
  const [, host = "127.0.0.1", digits] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) throw badOption(`${name} is "${text}", not [host:]port.`, { name, text });
  return { host, port };
}
