import type { Deployment } from "@demec/chain";
import type { Address } from "@demec/protocol";
import { type AbiFunction, erc20Abi, erc721Abi, getAbiItem, parseAbi } from "viem";
import type { Condition } from "./condition.ts";

/** Whose facts, and those of which service and provider. */
export interface Situation {
  readonly account: Address;
  readonly serviceId: bigint;
  readonly provider: Address;
}

/** What one view function must answer; the answer is one word: a number, an account, or yes and no. */
export interface Fact {
  readonly type: "fact";
  readonly contract: Address;
  readonly abi: AbiFunction;
  readonly args: readonly (string | bigint)[];
  readonly comparator: ">=" | "<" | "=" | "!=";
  readonly value: bigint | Address | boolean;
}

/** Whether the account has a session of the service with the provider that is not settled, or hasn't. */
interface SessionFact {
  readonly type: "session";
  readonly holds: boolean;
}

/**
 * A condition about one account as questions to contracts. Nothing is negated but single comparisons: whoever takes a
 * fact that nobody can tell for one that doesn't hold never lets anybody in for want of an answer.
 */
export type Question =
  | Fact
  | SessionFact
  /** Needs no asking. */
  | { readonly type: "constant"; readonly holds: boolean }
  | { readonly type: "all" | "any"; readonly of: readonly Question[] };

const ERC20_BALANCE = getAbiItem({ abi: erc20Abi, name: "balanceOf" });
const ERC721_BALANCE = getAbiItem({ abi: erc721Abi, name: "balanceOf" });
const ERC721_OWNER = getAbiItem({ abi: erc721Abi, name: "ownerOf" });
const [ERC1155_BALANCE, HAS_ROLE, OWN_STAKE] = parseAbi([
  "function balanceOf(address account, uint256 id) view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
  "function ownStakeOf(address owner) view returns (uint256)",
]);

const OPPOSITE = { ">=": "<", "=": "!=" } as const;

/**
 * What is to be asked about an account.
 * @param wanted false: the opposite of the condition, by De Morgan's laws
 */
export function questionOf(
  condition: Condition,
  situation: Situation,
  deployment: Pick<Deployment, "accessToken" | "staking">,
  wanted = true,
): Question {
  const { account } = situation;
  const ask = (call: Pick<Fact, "contract" | "abi" | "args">, comparator: ">=" | "=", value: Fact["value"]): Fact => {
    if (wanted) return { type: "fact", ...call, comparator, value };
    // The opposite of yes is no.
    if (typeof value === "boolean") return { type: "fact", ...call, comparator, value: !value };
    return { type: "fact", ...call, comparator: OPPOSITE[comparator], value };
  };
  const holds1155 = (contract: Address, id: bigint, atLeast: bigint) =>
    ask({ contract, abi: ERC1155_BALANCE, args: [account, id] }, ">=", atLeast);
  switch (condition.type) {
    case "credits":
      return holds1155(deployment.accessToken, condition.serviceId ?? situation.serviceId, condition.atLeast);
    case "session":
      return { type: "session", holds: wanted };
    case "staked":
      return ask({ contract: deployment.staking, abi: OWN_STAKE, args: [account] }, ">=", condition.atLeast);
    case "erc20":
      return ask({ contract: condition.token, abi: ERC20_BALANCE, args: [account] }, ">=", condition.atLeast);
    case "erc721":
      return "atLeast" in condition
        ? ask({ contract: condition.token, abi: ERC721_BALANCE, args: [account] }, ">=", condition.atLeast)
        : ask({ contract: condition.token, abi: ERC721_OWNER, args: [condition.id] }, "=", account);
    case "erc1155":
      return holds1155(condition.token, condition.id, condition.atLeast);
    case "role":
      return ask({ contract: condition.contract, abi: HAS_ROLE, args: [condition.role, account] }, "=", true);
    case "account": {
      const isOne = condition.in.some((member) => member.toLowerCase() === account.toLowerCase());
      return { type: "constant", holds: isOne === wanted };
    }
    case "not":
      return questionOf(condition.of, situation, deployment, !wanted);
    case "all":
    case "any":
      return {
        type: (condition.type === "all") === wanted ? "all" : "any",
        of: condition.of.map((part) => questionOf(part, situation, deployment, wanted)),
      };
  }
}

/** Answers a question by asking for its facts, all at once. @throws what `ask` throws */
export async function decide(
  question: Question,
  ask: (fact: Fact | SessionFact) => Promise<boolean>,
): Promise<boolean> {
  switch (question.type) {
    case "constant":
      return question.holds;
    case "fact":
    case "session":
      return ask(question);
    case "all":
    case "any": {
      const answers = await Promise.all(question.of.map((part) => decide(part, ask)));
      return question.type === "all" ? answers.every(Boolean) : answers.some(Boolean);
    }
  }
}

/** Whether an answer is what a fact asks for. */
export function meets({ comparator, value }: Fact, answer: bigint | Address | boolean): boolean {
  const [left, right] = [BigInt(answer), BigInt(value)];
  if (comparator === ">=") return left >= right;
  if (comparator === "<") return left < right;
  return (left === right) === (comparator === "=");
}
