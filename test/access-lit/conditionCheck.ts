// What a Lit node makes of access control conditions: it asks the contracts that they name.
import {
  type Abi,
  type AbiFunction,
  type Address,
  decodeFunctionResult,
  encodeFunctionData,
  getAddress,
  isAddress,
  type PublicClient,
} from "viem";

export type Condition =
  | { readonly operator: "and" | "or" }
  | readonly Condition[]
  | {
      readonly contractAddress: Address;
      readonly functionName: string;
      readonly functionParams: readonly string[];
      readonly functionAbi: AbiFunction;
      readonly chain: string;
      readonly returnValueTest: { readonly key: string; readonly comparator: string; readonly value: string };
    };

/**
 * Whether conditions hold for the account that proved itself. A list is read from the left, as by Lit's nodes; a call
 * that fails is a condition that doesn't hold.
 */
export async function checkConditions(
  client: PublicClient,
  { chain, account }: { readonly chain: string; readonly account: Address },
  list: readonly Condition[],
): Promise<boolean> {
  let holds: boolean | null = null;
  let operator: "and" | "or" | null = null;
  for (const item of list) {
    if ("operator" in item) {
      if (holds === null || (operator !== null && operator !== item.operator)) throw new Error("Operators are mixed.");
      operator = item.operator;
      continue;
    }
    if (holds !== null && operator === null) throw new Error("An operator is missing.");
    const part = Array.isArray(item)
      ? await checkConditions(client, { chain, account }, item)
      : await checkOne(client, { chain, account }, item as Exclude<Condition, readonly Condition[]>);
    holds = holds === null ? part : operator === "and" ? holds && part : holds || part;
  }
  if (holds === null) throw new Error("There are no conditions.");
  return holds;
}

async function checkOne(
  client: PublicClient,
  { chain, account }: { readonly chain: string; readonly account: Address },
  condition: Exclude<Condition, readonly Condition[]>,
): Promise<boolean> {
  if ("operator" in condition) throw new Error("An operator is no condition.");
  if (condition.chain !== chain) throw new Error(`No node knows chain ${condition.chain}.`);
  const { contractAddress: address, functionAbi, functionName, functionParams, returnValueTest } = condition;
  const fill = (text: string) => (text === ":userAddress" ? account : text);
  const args = functionAbi.inputs.map(({ type }, i) => argument(type, fill(functionParams[i] ?? "")));
  // What comes is in Lit's canonical form, which leaves out that it is a function.
  const abi: Abi = [{ ...functionAbi, type: "function" }];
  const data = encodeFunctionData({ abi, functionName, args });
  const { data: answer } = await client.call({ to: address, data }).catch(() => ({ data: undefined }));
  if (answer === undefined) return false;
  const value = decodeFunctionResult({ abi, functionName, data: answer });
  return compare(value, returnValueTest.comparator, fill(returnValueTest.value));
}

function argument(type: string, text: string): unknown {
  if (type === "address") return getAddress(text);
  return /^u?int/.test(type) ? BigInt(text) : text;
}

function compare(answer: unknown, comparator: string, value: string): boolean {
  if (typeof answer === "bigint") {
    const right = BigInt(value);
    if (comparator === ">=") return answer >= right;
    if (comparator === "<") return answer < right;
  }
  const plain = (text: string) => (isAddress(text, { strict: false }) ? text.toLowerCase() : text);
  if (comparator === "=") return plain(String(answer)) === plain(value);
  throw new Error(`No comparator: ${comparator}.`);
}
