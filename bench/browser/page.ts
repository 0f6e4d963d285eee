// The buyer of bench/browser.ts, in a page: its SDK, its journal in IndexedDB, a session like any other.
import type { Deployment } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import type { Service } from "@demec/sdk";
import { connect, type Guide, type PageDemec } from "@demec/sdk/browser";
import { privateKeyToAccount } from "viem/accounts";

export { timeLightClient } from "../light/timeLightClient.ts";

export interface Setting {
  readonly privateKey: Hex;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly guides: readonly Guide[];
  readonly service: string;
  readonly sessionCredits: bigint;
  readonly budget: bigint;
}

/** What the page's books say. */
export interface Account {
  readonly calls: number;
  readonly credits: bigint;
  readonly signedInvocations: bigint;
  readonly signedCredits: bigint;
}

const PAYLOAD_BYTES = 256;
let demec: PageDemec;
let service: Service;
let inputs = 0;
let calls = 0;
let credits = 0n;

export async function open({
  privateKey,
  rpcUrl,
  service: name,
  sessionCredits,
  budget,
  ...rest
}: Setting): Promise<void> {
  demec = await connect({ ...rest, wallet: privateKeyToAccount(privateKey), rpcUrls: [rpcUrl] });
  service = await demec.service(name, { sessionCredits, budget });
  await service.session();
}

/** A call with an input of its own, which must come back. */
async function call(): Promise<void> {
  const input = new Uint8Array(PAYLOAD_BYTES);
  new DataView(input.buffer).setUint32(0, inputs++);
  const result = await service.invoke(input);
  if (result.status !== "ok" || result.output.length !== PAYLOAD_BYTES || result.output[3] !== input[3]) {
    throw new Error(`A call ended with ${result.status} and ${result.output.length} bytes.`);
  }
  calls++;
  credits += result.credits;
}

/** For so long, so many at a time. @returns calls a second */
export const callsPerSecond = (seconds: number, inFlight: number): Promise<number> =>
  perSecond(call, seconds, inFlight);

/** Median of `count` calls, one after the other; milliseconds. */
export async function sequentialP50Ms(count: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedMs = performance.now();
    await call();
    times.push(performance.now() - startedMs);
  }
  return times.sort((a, b) => a - b)[count >> 1]!;
}

/** The same payload to a server that sends it back, by what a page has for it. @returns requests a second */
export function fetchesPerSecond(url: string, seconds: number, inFlight: number): Promise<number> {
  const body = new Uint8Array(PAYLOAD_BYTES).fill(7);
  const request = async () => {
    const answer = await (await fetch(url, { method: "POST", body })).arrayBuffer();
    if (answer.byteLength !== PAYLOAD_BYTES) throw new Error(`${answer.byteLength} bytes came back.`);
  };
  return perSecond(request, seconds, inFlight);
}

/** Has everything signed for, and leaves. */
export async function account(): Promise<Account> {
  const { state } = await (await service.session()).finalise(30_000);
  await demec.close();
  return { calls, credits, signedInvocations: state.invocations, signedCredits: state.creditsUsed };
}

async function perSecond(work: () => Promise<void>, seconds: number, inFlight: number): Promise<number> {
  const startedMs = performance.now();
  let done = 0;
  const lane = async () => {
    while (performance.now() - startedMs < seconds * 1000) {
      await work();
      done++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (done / (performance.now() - startedMs)) * 1000;
}
