import type { Deployment } from "@demec/chain";
import { toFunctionSelector } from "viem";

/** What of a deployment an action has in its text: it decides by this chain, whoever runs it. */
export interface ActionSetting {
  /** The chain's JSON-RPC endpoint, as Lit's enclave reaches it. Who reads the action reads it: no key in it that is secret. */
  readonly rpcUrl: string;
  readonly deployment: Pick<Deployment, "staking">;
}

const OPERATOR_OF = toFunctionSelector("function operatorOf(address owner)");

/** What an operator signs to have a key. Both sides make the text from its parts. */
export function requestText({ owner, key, expiry }: { owner: string; key: string; expiry: number }): string {
  return `Open a sealed key of deMEC.\nProvider: ${owner.toLowerCase()}\nUntil: ${expiry}\nKey: ${key}`;
}

/**
 * The Lit Action that gates and sealed keys rest on: a program in text, because its hash is what Lit permits to use a key.
 * It has three operations. `holds`: whether the facts of a condition are so on chain. `seal`: a key with the owners that it
 * is for, under the vault's key. `open`: the key, for who proves to be the operator of one of these owners now.
 */
export function litActionCode({ rpcUrl, deployment }: ActionSetting): string {
  return `const RPC = ${JSON.stringify(rpcUrl)};
const STAKING = ${JSON.stringify(deployment.staking)};
${BODY}`;
}

const BODY = `// One word that a contract answers; null where it answers none. What keeps the chain from answering is thrown.
async function word(to, data) {
  const call = { jsonrpc: "2.0", id: 1, method: "eth_call", params: [{ to, data }, "latest"] };
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(RPC, { method: "POST", headers, body: JSON.stringify(call) });
  const { result, error } = await answer.json();
  if (error) {
    if (error.code === 3 || /revert|invalid opcode/i.test(String(error.message))) return null;
    throw new Error("The chain does not answer: " + error.code);
  }
  return /^0x[0-9a-f]{64}$/i.test(result) ? BigInt(result) : null;
}

// What nobody can tell doesn't hold.
async function decide(question) {
  if (question.type === "constant") return question.holds;
  if (question.type === "fact") {
    const left = await word(question.to, question.data);
    if (left === null) return false;
    const right = BigInt(question.value);
    switch (question.comparator) {
      case ">=": return left >= right;
      case "<": return left < right;
      case "=": return left === right;
      case "!=": return left !== right;
      default: return false;
    }
  }
  const answers = await Promise.all(question.of.map(decide));
  return question.type === "all" ? answers.every(Boolean) : answers.some(Boolean);
}

async function open({ pkpId, key, owner, expiry, signature }) {
  const now = Date.now() / 1000;
  if (!(now < expiry && expiry < now + 600)) return { refused: "The request counts until " + expiry + "." };
  const text = "Open a sealed key of deMEC.\\nProvider: " + owner + "\\nUntil: " + expiry + "\\nKey: " + key;
  const signer = ethers.utils.verifyMessage(text, signature);
  const operator = await word(STAKING, "${OPERATOR_OF}" + owner.slice(2).padStart(64, "0"));
  if (operator === null || operator !== BigInt(signer)) return { refused: signer + " is not the operator of " + owner + "." };
  let sealed;
  try {
    sealed = JSON.parse(await Lit.Actions.Decrypt({ pkpId, ciphertext: key }));
  } catch (error) {
    return { tampered: String(error.message) };
  }
  if (!sealed.owners.includes(owner)) return { refused: "The key is not sealed to " + owner + "." };
  return { key: sealed.key };
}

async function main(params) {
  switch (params.operation) {
    case "holds": return { holds: await decide(params.question) };
    case "seal": {
      const message = JSON.stringify({ owners: params.owners, key: params.key });
      return { sealed: await Lit.Actions.Encrypt({ pkpId: params.pkpId, message }) };
    }
    case "open": return open(params);
    default: throw new Error("No operation: " + params.operation);
  }
}
`;
