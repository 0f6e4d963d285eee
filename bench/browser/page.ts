// The buyer of bench/browser.ts, in a page: its SDK, its journal in IndexedDB, a session like any other.
import type { Deployment } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import type { Service } from "@demec/sdk";
import { connect, type Guide, type PageDemec } from "@demec/sdk/browser";
import { privateKeyToAccount } from "viem/accounts";
import { median } from "../median.ts";
import { EchoedCalls, PAYLOAD_BYTES } from "../network/echoedCalls.ts";

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

let demec: PageDemec;
let service: Service;
let calls: EchoedCalls;

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
  calls = new EchoedCalls(service);
  await service.session();
}

/** For so long, so many at a time. @returns calls a second */
export const callsPerSecond = (seconds: number, inFlight: number): Promise<number> =>
  perSecond(calls.call, seconds, inFlight);

/** Median of `count` calls, one after the other; milliseconds. */
export async function sequentialP50Ms(count: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedMs = performance.now();
    await calls.call();
    times.push(performance.now() - startedMs);
  }
  return median(times);
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
  return {
    ...{ calls: calls.ended, credits: calls.credits },
    ...{ signedInvocations: state.invocations, signedCredits: state.creditsUsed },
  };
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
