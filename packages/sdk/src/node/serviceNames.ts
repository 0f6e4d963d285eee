import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "@demec/chain";
import { DemecError, formatServiceName } from "@demec/protocol";

/** Services by the short names that this user gave them, for each market. */
type Names = Record<string, Record<string, string>>;

/** Names are this user's own, on this machine: nobody else can make one mean another service. */
const fileIn = (home: string) => join(home, "services.json");
const SHORT_NAME = /^[A-Za-z][\w.-]{0,63}$/;

const marketOf = ({ chainId, accessToken }: Deployment) => `eip155:${chainId}/erc1155:${accessToken.toLowerCase()}`;

/**
 * A service's CAIP-19 id from what people type: the id itself, its number in this market, or a short name that this
 * user's `demec deploy` gave it last.
 * @throws sdk/unknown-name
 */
export function resolveServiceName(home: string, deployment: Deployment, text: string): string {
  if (text.includes(":")) return text;
  const { chainId, accessToken } = deployment;
  if (/^\d+$/.test(text)) return formatServiceName({ chainId, accessToken, serviceId: BigInt(text) });
  const names = readNames(home)[marketOf(deployment)] ?? {};
  const service = Object.hasOwn(names, text) ? names[text] : undefined;
  if (service !== undefined) return service;
  throw new DemecError("sdk/unknown-name", `No service is known as "${text}" here.`, {
    details: { text, known: Object.keys(names) },
  });
}

/** Lets a short name stand for a service from now on. Text that can't be typed as a name is left out. */
export function rememberService(home: string, deployment: Deployment, name: string, service: string): void {
  if (!SHORT_NAME.test(name)) return;
  const names = readNames(home);
  const market = marketOf(deployment);
  write(home, { ...names, [market]: { ...names[market], [name]: service } });
}

/** Forgets the names of a market, as when its chain begins anew. */
export function forgetServices(home: string, deployment: Deployment): void {
  const { [marketOf(deployment)]: _gone, ...rest } = readNames(home);
  write(home, rest);
}

function readNames(home: string): Names {
  try {
    return JSON.parse(readFileSync(fileIn(home), "utf8")) as Names;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

function write(home: string, names: Names): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const unfinished = `${fileIn(home)}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(names, null, 2)}\n`);
  renameSync(unfinished, fileIn(home));
}
