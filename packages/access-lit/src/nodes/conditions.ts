import type { Fact, Question } from "@demec/access/backend";
import type { Address } from "@demec/protocol";
import { sessionUnknown, unsupported } from "../unsupported.ts";

/** One of Lit's unified access control conditions: what a view function must answer. */
interface ContractCondition {
  readonly conditionType: "evmContract";
  readonly contractAddress: Address;
  readonly chain: string;
  readonly functionName: string;
  readonly functionParams: readonly string[];
  readonly functionAbi: {
    readonly type: "function";
    readonly name: string;
    readonly stateMutability: string;
    readonly inputs: readonly Parameter[];
    readonly outputs: readonly Parameter[];
  };
  readonly returnValueTest: { readonly key: string; readonly comparator: string; readonly value: string };
}

interface Parameter {
  readonly name: string;
  readonly type: string;
}

/** Conditions with what stands between them; a list in the list is in brackets. */
export type Conditions = readonly (ContractCondition | { readonly operator: "and" | "or" } | Conditions)[];

/** The account that proves itself to the nodes. */
const READER = ":userAddress";

/**
 * A question as conditions that Lit's nodes check, or what is known without asking them. Nothing needs to be negated, which
 * they can't.
 * @param chain Lit's name of the chain
 * @throws lit/unsupported-condition
 */
export function conditionsOf(question: Question, chain: string): Conditions | boolean {
  switch (question.type) {
    case "constant":
      return question.holds;
    case "session":
      throw sessionUnknown();
    case "fact":
      return [conditionOf(question, chain)];
    case "all":
    case "any": {
      const decisive = question.type === "any";
      const parts = question.of.map((part) => conditionsOf(part, chain));
      if (parts.includes(decisive)) return decisive;
      const open = parts.filter((part) => typeof part !== "boolean");
      return open.length === 0 ? !decisive : joined(open, decisive ? "or" : "and");
    }
  }
}

/** What lets the operator of one of these owners in, as the chain has it when the nodes are asked. */
export function operatorConditions(staking: Address, owners: readonly Address[], chain: string): Conditions {
  const each = owners.map(
    (owner): Conditions => [
      {
        conditionType: "evmContract",
        contractAddress: staking,
        chain,
        functionName: "operatorOf",
        functionParams: [owner],
        functionAbi: {
          type: "function",
          name: "operatorOf",
          stateMutability: "view",
          inputs: [{ name: "owner", type: "address" }],
          outputs: [{ name: "", type: "address" }],
        },
        returnValueTest: { key: "", comparator: "=", value: READER },
      },
    ],
  );
  return joined(each, "or");
}

function conditionOf({ contract, abi, args, comparator, value }: Fact, chain: string): ContractCondition {
  // Its conditions have no such comparator.
  if (comparator === "!=") throw unsupported("that an account is not what a contract answers");
  const plain = ({ name, type }: { readonly name?: string | undefined; readonly type: string }): Parameter => ({
    name: name ?? "",
    type,
  });
  return {
    conditionType: "evmContract",
    contractAddress: contract,
    chain,
    functionName: abi.name,
    functionParams: args.map(String),
    functionAbi: {
      type: "function",
      name: abi.name,
      stateMutability: abi.stateMutability,
      inputs: abi.inputs.map(plain),
      outputs: abi.outputs.map(plain),
    },
    returnValueTest: { key: "", comparator, value: String(value) },
  };
}

/** One after the other with an operator between; what is more than one condition comes into brackets. */
function joined(parts: readonly Conditions[], operator: "and" | "or"): Conditions {
  return parts.flatMap((part, i) => {
    const item = part.length === 1 ? part : [part];
    return i === 0 ? item : [{ operator }, ...item];
  });
}
