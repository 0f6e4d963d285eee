// A buyer in a page.
import type { Deployment } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import type { CallResult, Service, ServiceOptions } from "@demec/sdk";
import { connect, type Guide, type PageDemec, type WhenOwned } from "@demec/sdk/browser";
import { privateKeyToAccount } from "viem/accounts";

export interface Setting {
  readonly privateKey: Hex;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly guides: readonly Guide[];
  readonly service: string;
  readonly options: ServiceOptions;
  readonly whenOwned?: WhenOwned;
}

/** A call that was answered. */
export interface Answer {
  readonly text: string;
  readonly sessionId: Hex;
  readonly callId: number;
  readonly credits: bigint;
}

let demec: PageDemec;
let service: Service;
let ended: string | null = null;
const answers: Answer[] = [];
let failures: string[] = [];
let going = false;
let lanes: Promise<unknown> = Promise.resolve();

/** @returns "connected", or the code of what went wrong */
export async function open({ privateKey, rpcUrl, service: name, options, ...rest }: Setting): Promise<string> {
  try {
    ended = null;
    demec = await connect({ ...rest, wallet: privateKeyToAccount(privateKey), rpcUrls: [rpcUrl] });
    void demec.ended.then((why) => {
      ended = why;
    });
    service = await demec.service(name, options);
    return "connected";
  } catch (error) {
    return codeOf(error);
  }
}

export const howItEnded = (): string | null => ended;

/** @returns the output, or the code of what went wrong */
export async function call(input: string): Promise<string> {
  try {
    return record(await service.invoke(input)).text;
  } catch (error) {
    return codeOf(error);
  }
}

/** Calls, several at a time, until `stopLoad`. */
export function startLoad(concurrency: number): void {
  going = true;
  failures = [];
  const lane = async () => {
    while (going) {
      const input = `call ${answers.length}`;
      try {
        if (record(await service.invoke(input)).text !== input.toUpperCase()) failures.push("wrong output");
      } catch (error) {
        failures.push(codeOf(error));
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  };
  lanes = Promise.all(Array.from({ length: concurrency }, lane));
}

/** @returns codes of calls that failed meanwhile */
export async function stopLoad(): Promise<string[]> {
  going = false;
  await lanes;
  return failures;
}

/** All calls that were answered since this page was loaded. */
export const answered = (): Answer[] => answers;
export const countAnswered = (): number => answers.length;

/** What both sides have signed of the session that serves. */
export async function signed(): Promise<{ sessionId: Hex; seq: bigint; invocations: bigint; creditsUsed: bigint }> {
  const { sessionId, state } = await service.session();
  const { seq = 0n, invocations = 0n, creditsUsed = 0n } = state?.state ?? {};
  return { sessionId, seq, invocations, creditsUsed };
}

/** Ends the sessions of the service on chain. @returns how each was settled, by its id */
export async function leave(): Promise<{ sessionId: Hex; creditsUsed: bigint; invocations: bigint }[]> {
  const progress = await service.close();
  return progress.flatMap((step) => (step.type === "settled" ? [step.settlement.state] : []));
}

export async function close(): Promise<void> {
  await demec.close();
}

function record({ output, session, callId, credits }: CallResult): Answer {
  const answer = { text: new TextDecoder().decode(output), sessionId: session.sessionId, callId, credits };
  answers.push(answer);
  return answer;
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);
