// Lit's REST API on loopback: it runs the code of actions for real, with what actions find around them there, and lets
// only those that it knows use its key.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { createContext, runInContext } from "node:vm";
import { verifyMessage } from "ethers";
import { type JsonServer, serveJson } from "./serveJson.ts";

export const API_KEY = "usage-key-of-the-test";
export const PKP_ID = "0x2a03000000000000000000000000000000009bf6";

export interface LitApiServer extends JsonServer {
  /** What actions were given, in order: what a reader of the API's log would see. */
  readonly seen: unknown[];
  /** What the next action answers, whatever it says. */
  break(answer: { readonly status: number; readonly body: unknown }): void;
}

/** @param permitted code of the actions that may use the key */
export async function startLitApi(permitted: readonly string[]): Promise<LitApiServer> {
  const root = randomBytes(32);
  const seen: unknown[] = [];
  let broken: { readonly status: number; readonly body: unknown } | undefined;
  const server = await serveJson(async ({ path, headers, body }) => {
    if (path !== "/core/v1/lit_action") return { status: 404, body: { error: "not_found" } };
    if (headers["x-api-key"] !== API_KEY) return { status: 401, body: { error: "unauthorized" } };
    if (broken !== undefined) {
      const answer = broken;
      broken = undefined;
      return answer;
    }
    const { code, js_params: params } = body as { readonly code: string; readonly js_params: unknown };
    seen.push(params);
    try {
      return {
        body: { response: await runCode(code, params, root, permitted.includes(code)), logs: "", has_error: false },
      };
    } catch (error) {
      return { body: { response: "", logs: String(error), has_error: true } };
    }
  });
  const fail = (answer: typeof broken) => {
    broken = answer;
  };
  return { ...server, seen, break: fail };
}

/** Runs an action in a realm of its own, which is given what is JSON and gives the same. */
async function runCode(code: string, params: unknown, root: Buffer, isPermitted: boolean): Promise<unknown> {
  const keyOf = (pkpId: string) => {
    if (!isPermitted) throw new Error("This action may not use this key.");
    return createHmac("sha256", root).update(pkpId).digest();
  };
  const Actions = {
    Encrypt: async ({ pkpId, message }: { pkpId: string; message: string }) => seal(keyOf(pkpId), message),
    Decrypt: async ({ pkpId, ciphertext }: { pkpId: string; ciphertext: string }) => unseal(keyOf(pkpId), ciphertext),
  };
  // The one function of ethers 5 that is used, which is elsewhere in ethers 6.
  const ethers = { utils: { verifyMessage } };
  const context = createContext({ Lit: { Actions }, ethers, fetch, params: JSON.stringify(params) });
  const run = `${code}\nmain(JSON.parse(params)).then((response) => JSON.stringify(response))`;
  return JSON.parse(
    await runInContext(run, context, { filename: `${createHash("sha256").update(code).digest("hex")}.js` }),
  );
}

function seal(key: Buffer, message: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  return Buffer.concat([iv, cipher.update(message), cipher.final(), cipher.getAuthTag()]).toString("hex");
}

function unseal(key: Buffer, ciphertext: string): string {
  const bytes = Buffer.from(ciphertext, "hex");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString();
}
