// A buyer in a page, of whose calls the larger part travels by content.
import { sha256 } from "@demec/protocol/sha256";
import { type CallOptions, makeRequest, type Service, verifyReceipt } from "@demec/sdk";
import { connect, type PageDemec } from "@demec/sdk/browser";
import { bytesToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Setting } from "./client.ts";

let demec: PageDemec;
let setting: Setting;
let service: Service;

export async function open(given: Setting): Promise<void> {
  setting = given;
  const { privateKey, rpcUrl, service: name, options, ...rest } = given;
  demec = await connect({ ...rest, wallet: privateKeyToAccount(privateKey), rpcUrls: [rpcUrl] });
  service = await demec.service(name, options);
}

/** Calls with an input of so many bytes by content, and has its output by content. */
export async function callByContent(length: number, fill: number, options: CallOptions) {
  const input = await demec.blob(new Uint8Array(length).fill(fill));
  const { output, usage } = await service.invoke(input, { ...options, outputByContent: true });
  return { sha256: bytesToHex(sha256(output)), length: output.length, bytes: usage.bytes };
}

/** Names other bytes than it serves. @returns code of the call's fault, or its output */
export async function callOf(sha: `0x${string}`): Promise<string> {
  const input = await demec.blob(new TextEncoder().encode("something else"));
  try {
    return new TextDecoder().decode(await service.call({ ...input, sha256: sha }));
  } catch (error) {
    return String((error as { details?: { code?: string } }).details?.code ?? error);
  }
}

/** Runs a module of the page's own. @returns the output, once its receipt is found good for this module */
export async function callOwn(name: string, module: Uint8Array, input: string): Promise<string> {
  const open = await demec.service(name, setting.options);
  const own = await open.withModule(module);
  const result = await own.invoke(input);
  const { session, callId } = result;
  const { sessionId, params } = session;
  const request = makeRequest(input, { module: own.content, shape: "reactor" }, open.metadata);
  const proven = await session.prove(callId);
  const codeHash = bytesToHex(sha256(module));
  verifyReceipt({ deployment: setting.deployment, params, sessionId, request, result, proven, codeHash });
  await open.close();
  return new TextDecoder().decode(result.output);
}

/** Looks up what the publisher ships, and calls by it. */
export async function callTyped(name: string, input: unknown): Promise<{ schema: unknown; value: unknown }> {
  const typed = await demec.service(name, setting.options);
  const schema = await typed.schema();
  const value = await (await typed.typed()).call(input as never);
  await typed.close();
  return { schema, value };
}

export async function close(): Promise<string[]> {
  const steps = await service.close();
  await demec.close();
  return steps.map(({ type }) => type);
}
