import { type Address, DemecError } from "@demec/protocol";
import type { Abi, ContractFunctionArgs, ContractFunctionName, ReadContractReturnType, TransactionReceipt } from "viem";
import { readContract, simulateContract, writeContract } from "viem/actions";
import type { Deployment } from "./addresses.ts";
import { awaitTransaction } from "./awaitTransaction.ts";
import { toDemecError } from "./errors.ts";
import { errorsAbi } from "./generated/abis.ts";
import { getBlock, getChainId } from "./reads.ts";
import type { Mined, ReadClient, WriteClient } from "./types.ts";

type ReadName<abi extends Abi> = ContractFunctionName<abi, "pure" | "view">;
type WriteName<abi extends Abi> = ContractFunctionName<abi, "nonpayable">;

/** @throws chain/wrong-chain unless the client is connected to the deployment's chain */
export async function assertChain(client: ReadClient, deployment: Deployment): Promise<void> {
  const actual = await getChainId(client);
  if (actual !== deployment.chainId) {
    throw new DemecError(
      "chain/wrong-chain",
      `The client is connected to chain ${actual}, the deployment is on chain ${deployment.chainId}.`,
      { details: { actual, expected: deployment.chainId } },
    );
  }
}

/** Reads from a contract; its custom errors become {@link DemecError}s. */
export async function read<
  const abi extends Abi,
  name extends ReadName<abi>,
  const args extends ContractFunctionArgs<abi, "pure" | "view", name>,
>(
  client: ReadClient,
  call: { address: Address; abi: abi; functionName: name; args: args },
): Promise<ReadContractReturnType<abi, name, args>> {
  try {
    // The generic call is checked where `read` is called; viem can't see through a type parameter.
    return (await readContract(client, withErrors(call) as never)) as ReadContractReturnType<abi, name, args>;
  } catch (error) {
    throw toDemecError(error);
  }
}

/**
 * Sends a transaction that was simulated first and waits until it is mined, so that a call that would revert costs
 * nothing and says why.
 * @throws chain/wrong-chain before anything is sent; chain/… for what the contracts refuse; chain/transaction-replaced,
 * chain/transaction-overdue for what its sender, or nobody, made of it
 */
export async function execute<const abi extends Abi, name extends WriteName<abi>>(
  client: WriteClient,
  deployment: Deployment,
  call: { address: Address; abi: abi; functionName: name; args: ContractFunctionArgs<abi, "nonpayable", name> },
): Promise<TransactionReceipt> {
  await assertChain(client, deployment);
  let receipt: TransactionReceipt;
  try {
    // viem would have to be told the chain of a wallet that isn't in this process; which chain it is was checked above.
    const { account, chain = null } = client;
    const { request } = await simulateContract(client, { ...withErrors(call), account, chain } as never);
    const hash = await writeContract(client, request as never);
    receipt = await awaitTransaction(client, hash, { pollMs: 100 });
  } catch (error) {
    throw toDemecError(error);
  }
  if (receipt.status !== "success") {
    throw new DemecError("chain/reverted", `Transaction ${receipt.transactionHash} reverted after it was mined.`, {
      details: { transactionHash: receipt.transactionHash },
    });
  }
  return receipt;
}

/** The part of a receipt that callers get. */
export function mined(receipt: TransactionReceipt): Mined {
  const { transactionHash, blockNumber, gasUsed } = receipt;
  return { transactionHash, blockNumber, gasUsed };
}

/** Default deadline of an action: 20 minutes after the chain's newest block. The caller's clock may be wrong. */
export async function defaultDeadline(client: ReadClient): Promise<bigint> {
  const { timestamp } = await getBlock(client);
  return timestamp + 1200n;
}

function withErrors<call extends { abi: Abi }>(call: call): call {
  return { ...call, abi: [...call.abi.filter((item) => item.type !== "error"), ...errorsAbi] };
}
