// A page whose fetches are answered by a service worker.
import type { Deployment } from "@demec/chain";
import { connect, type Guide } from "@demec/sdk/browser";
import { registerDemec } from "@demec/sdk/service-worker";
import { createWalletClient, http } from "viem";

export interface Visitor {
  readonly rpcUrl: string;
  readonly account: string;
}

/** What the wallet was asked. */
const asked: string[] = [];
export const askedOfWallet = (): string[] => asked;

/** The visitor's wallet: a node of the development chain that holds the key. */
function walletOf({
  rpcUrl,
  account,
}: Visitor): Parameters<typeof connect>[0]["wallet"] & Parameters<typeof registerDemec>[0]["wallet"] {
  const client = createWalletClient({ transport: http(rpcUrl) });
  const request = async ({ method, params }: { method: string; params?: unknown }) => {
    asked.push(method);
    return method === "eth_requestAccounts" ? [account] : client.request({ method, params } as never);
  };
  return { request } as never;
}

/** @param visitor none: a page without a wallet */
export async function register(script: string, visitor?: Visitor): Promise<void> {
  await registerDemec({ script, ...(visitor && { wallet: walletOf(visitor) }) });
}

/** Takes the worker's sessions over and ends those of a service on chain. @returns what was settled for it */
export async function leave(
  visitor: Visitor,
  deployment: Deployment,
  guides: readonly Guide[],
  service: string,
): Promise<{ invocations: bigint; creditsUsed: bigint }> {
  const demec = await connect({ wallet: walletOf(visitor), rpcUrls: [visitor.rpcUrl], deployment, guides });
  const steps = await (await demec.service(service)).close();
  await demec.close();
  const states = steps.flatMap((step) => (step.type === "settled" ? [step.settlement.state] : []));
  return {
    invocations: states.reduce((sum, { invocations }) => sum + invocations, 0n),
    creditsUsed: states.reduce((sum, { creditsUsed }) => sum + creditsUsed, 0n),
  };
}

export interface Told {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

export async function get(path: string, body?: string): Promise<Told> {
  const response = await fetch(path, body === undefined ? {} : { method: "POST", body });
  return { status: response.status, text: await response.text(), headers: Object.fromEntries(response.headers) };
}

/** Reads a streamed answer. @param most chunks after which it hangs up @returns how many chunks came, and their bytes */
export async function stream(
  path: string,
  body: string,
  most = Number.POSITIVE_INFINITY,
): Promise<{ chunks: number; text: string }> {
  const response = await fetch(path, { method: "POST", body });
  if (!response.ok) throw new Error(await response.text());
  const decoder = new TextDecoder();
  let [chunks, text] = [0, ""];
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (++chunks === most) break;
  }
  return { chunks, text };
}

/** Gives a fetch up after some time. @returns the name of what it ends in */
export async function abort(path: string, body: string, afterMs: number): Promise<string> {
  const signal = AbortSignal.timeout(afterMs);
  return fetch(path, { method: "POST", body, signal }).then(
    (response) => `answered ${response.status}`,
    (error) => (error as Error).name,
  );
}
