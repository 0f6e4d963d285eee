import { type Address, DemecError, isDemecError } from "@demec/protocol";
import { domainSeparator, parseAbi, type TypedDataDomain } from "viem";
import type { Deployment } from "./addresses.ts";
import { read } from "./execute.ts";
import type { ReadClient } from "./types.ts";

const TOKEN_ABI = parseAbi([
  "function name() view returns (string)",
  "function version() view returns (string)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
  "function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)",
]);

/**
 * EIP-712 domain of a token: as it says itself (ERC-5267), else from its name and version; checked against its separator, so
 * that nobody is asked to sign what the token would refuse.
 * @throws payment/method-unsupported when the token has no domain, or one that can't be told
 */
export async function tokenDomain(
  client: ReadClient,
  { chainId }: Deployment,
  token: Address,
): Promise<TypedDataDomain> {
  const call = { address: token, abi: TOKEN_ABI, args: [] } as const;
  const [described, name, version, expected] = await Promise.all([
    read(client, { ...call, functionName: "eip712Domain" }).catch(ifReverted),
    read(client, { ...call, functionName: "name" }).catch(ifReverted),
    read(client, { ...call, functionName: "version" }).catch(ifReverted),
    read(client, { ...call, functionName: "DOMAIN_SEPARATOR" }).catch(ifReverted),
  ]);
  const domain = {
    name: described?.[1] ?? name ?? "",
    version: described?.[2] ?? version ?? "1",
    chainId,
    verifyingContract: token,
  };
  if (expected === null || domainSeparator({ domain }) !== expected) {
    throw new DemecError("payment/method-unsupported", `Token ${token} has no EIP-712 domain that could be told.`, {
      details: { token, domainSeparator: expected, ...domain },
    });
  }
  return domain;
}

/** A token that lacks a function reverts; that the node did not answer is another matter. */
function ifReverted(error: unknown): null {
  if (isDemecError(error, "chain/reverted")) return null;
  throw error;
}
