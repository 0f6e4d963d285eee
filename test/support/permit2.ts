// Permit2 as it runs on Ethereum, from the bytecode that an npm package ships.
import { readFileSync } from "node:fs";
import type { WriteClient } from "@demec/chain";
import { type Hex, PERMIT2_ADDRESS } from "@demec/protocol";
import { erc20Abi, maxUint256 } from "viem";
import { writeContract } from "viem/actions";
import type { TestChain } from "./market.ts";

/** Puts Permit2 at its address on the test chain. */
export async function placePermit2({ testClient }: TestChain): Promise<void> {
  // The package exports its sources alone, so its folder is named as in contracts/test/RealMoney.sol.
  const path = new URL("../../node_modules/@1inch/solidity-utils/dist/src/permit2.json", import.meta.url);
  const { bytecode } = JSON.parse(readFileSync(path, "utf8")) as { bytecode: Hex };
  await testClient.setCode({ address: PERMIT2_ADDRESS, bytecode });
}

/** The one approval that payments by Permit2 need. */
export async function approvePermit2({ deployment }: TestChain, payer: WriteClient): Promise<void> {
  await writeContract(payer, {
    address: deployment.mockUsd,
    abi: erc20Abi,
    functionName: "approve",
    args: [PERMIT2_ADDRESS, maxUint256],
    chain: null,
  });
}
