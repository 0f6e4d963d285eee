import { parseAs, type Question, questionOf, tamperedBox } from "@demec/access/backend";
import type { Deployment } from "@demec/chain";
import { type Address, DemecError } from "@demec/protocol";
import { base64url } from "jose";
import { encodeFunctionData, type LocalAccount } from "viem";
import * as z from "zod/mini";
import type { LitBackend } from "../backend.ts";
import { sessionUnknown } from "../unsupported.ts";
import type { KeyVault } from "../vault.ts";
import { VaultOpener, vaultSealer } from "../vaultSealer.ts";
import { litActionCode, requestText } from "./action.ts";
import { type LitApiAccess, runAction } from "./runAction.ts";

export interface LitApiOptions extends LitApiAccess {
  readonly deployment: Deployment;
  /** The chain's JSON-RPC endpoint, as Lit's enclave reaches it. It stands in the action's text. */
  readonly rpcUrl: string;
  /** Lit's key (PKP) under which keys are sealed, which the action of `litActionCode` may use. */
  readonly pkpId: string;
  /** The operator that opens boxes; who only seals and asks needs none. */
  readonly account?: LocalAccount | undefined;
}

/** How long a request to open counts; the action takes no more than twice that. Seconds. */
const REQUEST_SECONDS = 300;

const holdsSchema = z.object({ holds: z.boolean() });
const sealedSchema = z.object({ sealed: z.string() });
const openedSchema = z.union([
  z.object({ key: z.string() }),
  z.object({ refused: z.string() }),
  z.object({ tampered: z.string() }),
]);

/** Lit's REST API: one action, in JavaScript, is gate and vault. */
export function litApi(options: LitApiOptions): LitBackend {
  const { deployment, rpcUrl, pkpId, account } = options;
  const code = litActionCode({ rpcUrl, deployment });
  const run = async <T>(schema: z.ZodMiniType<T>, params: object) =>
    parseAs(schema, await runAction(options, code, params), "lit/unavailable");
  const vault: KeyVault = {
    async seal(key, owners) {
      const params = { pkpId, owners: owners.map(lower), key: base64url.encode(key) };
      return (await run(sealedSchema, { operation: "seal", ...params })).sealed;
    },
    async open(key, _owners, owner) {
      if (account === undefined) throw new DemecError("access/sealed-to-others", "No account is there to open with.");
      const expiry = Math.floor(Date.now() / 1000) + REQUEST_SECONDS;
      const signature = await account.signMessage({ message: requestText({ owner, key, expiry }) });
      const request = { pkpId, key, owner: lower(owner), expiry, signature };
      const opened = await run(openedSchema, { operation: "open", ...request });
      if ("refused" in opened) throw new DemecError("access/sealed-to-others", `Lit keeps the key: ${opened.refused}`);
      if ("tampered" in opened) throw tamperedBox(new Error(`Lit can't open the key: ${opened.tampered}`));
      return base64url.decode(opened.key);
    },
  };
  return {
    oracle: async (condition, situation) => {
      const question = inWords(questionOf(condition, situation, deployment));
      return (await run(holdsSchema, { operation: "holds", question })).holds;
    },
    sealer: vaultSealer(vault),
    opener: (owner) => new VaultOpener(vault, owner),
  };
}

/** The question as the action takes it: calls encoded, and what they must answer as a number. @throws lit/unsupported-condition */
function inWords(question: Question): unknown {
  switch (question.type) {
    case "constant":
      return question;
    case "session":
      throw sessionUnknown();
    case "fact": {
      const { type, contract: to, abi, args, comparator, value } = question;
      const data = encodeFunctionData({ abi: [abi], functionName: abi.name, args });
      return { type, to, data, comparator, value: String(BigInt(value)) };
    }
    case "all":
    case "any":
      return { type: question.type, of: question.of.map(inWords) };
  }
}

const lower = (account: Address) => account.toLowerCase();
