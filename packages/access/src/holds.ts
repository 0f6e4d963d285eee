import {
  creditsOf,
  type Deployment,
  getProvider,
  listUnsettledSessions,
  type ReadClient,
  toDemecError,
} from "@demec/chain";
import { type Address, isDemecError } from "@demec/protocol";
import { type Abi, type ContractFunctionParameters, erc20Abi, erc721Abi, parseAbi } from "viem";
import { readContract } from "viem/actions";
import type { Condition } from "./condition.ts";

const ERC1155_ABI = parseAbi(["function balanceOf(address account, uint256 id) view returns (uint256)"]);
const ROLES_ABI = parseAbi(["function hasRole(bytes32 role, address account) view returns (bool)"]);

/** Whose facts, and those of which service and provider. */
export interface Situation {
  readonly account: Address;
  readonly serviceId: bigint;
  readonly provider: Address;
}

/** Tells whether a condition holds for an account, by whatever knows. @throws what makes it impossible to say */
export type Oracle = (condition: Condition, situation: Situation) => Promise<boolean>;

/**
 * Reads a condition's facts from the chain at its newest block. A contract that reverts says no.
 * @throws chain/rpc
 */
export function chainOracle(client: ReadClient, deployment: Deployment): Oracle {
  const ask = async <T>(call: ContractFunctionParameters<Abi>, isEnough: (answer: T) => boolean): Promise<boolean> => {
    try {
      return isEnough((await readContract(client, call)) as T);
    } catch (cause) {
      const error = toDemecError(cause);
      if (isDemecError(error, "chain/rpc")) throw error;
      return false;
    }
  };
  const oracle: Oracle = async (condition, situation) => {
    const { account, serviceId, provider } = situation;
    switch (condition.type) {
      case "credits": {
        const held = await creditsOf(client, deployment, { account, serviceId: condition.serviceId ?? serviceId });
        return held >= condition.atLeast;
      }
      case "session": {
        const sessions = await listUnsettledSessions(client, deployment, { buyer: account, provider });
        return sessions.some(({ params }) => params.serviceId === serviceId);
      }
      case "staked":
        return (await getProvider(client, deployment, account)).staked >= condition.atLeast;
      case "erc20": {
        const call = { address: condition.token, abi: erc20Abi, functionName: "balanceOf", args: [account] };
        return ask<bigint>(call, (balance) => balance >= condition.atLeast);
      }
      case "erc721": {
        const token = { address: condition.token, abi: erc721Abi };
        if ("atLeast" in condition) {
          const call = { ...token, functionName: "balanceOf", args: [account] };
          return ask<bigint>(call, (balance) => balance >= condition.atLeast);
        }
        const call = { ...token, functionName: "ownerOf", args: [condition.id] };
        return ask<Address>(call, (owner) => owner.toLowerCase() === account.toLowerCase());
      }
      case "erc1155": {
        const { token, id } = condition;
        const call = { address: token, abi: ERC1155_ABI, functionName: "balanceOf", args: [account, id] };
        return ask<bigint>(call, (balance) => balance >= condition.atLeast);
      }
      case "role": {
        const { contract, role } = condition;
        return ask<boolean>(
          { address: contract, abi: ROLES_ABI, functionName: "hasRole", args: [role, account] },
          (has) => has,
        );
      }
      case "account":
        return condition.in.some((member) => member.toLowerCase() === account.toLowerCase());
      case "not":
        return !(await oracle(condition.of, situation));
      case "all":
      case "any": {
        const answers = await Promise.all(condition.of.map((part) => oracle(part, situation)));
        return condition.type === "all" ? answers.every(Boolean) : answers.some(Boolean);
      }
    }
  };
  return oracle;
}
