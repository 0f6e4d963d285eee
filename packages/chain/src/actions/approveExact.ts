import type { Address } from "@demec/protocol";
import { erc20Abi } from "viem";
import type { Deployment } from "../addresses.ts";
import { execute, mined, read } from "../execute.ts";
import type { Mined, WriteClient } from "../types.ts";

/**
 * Sets the allowance of the market or of the staking contract to exactly `amount`.
 * @returns null when it was so already
 */
export async function approveExact(
  client: WriteClient,
  deployment: Deployment,
  { token, spender, amount }: { token: Address; spender: Address; amount: bigint },
): Promise<Mined | null> {
  const erc20 = { address: token, abi: erc20Abi } as const;
  const allowance = (value: bigint) =>
    execute(client, deployment, { ...erc20, functionName: "approve", args: [spender, value] });
  const current = await read(client, { ...erc20, functionName: "allowance", args: [client.account.address, spender] });
  if (current === amount) return null;
  // Some tokens (USDT) refuse to change an allowance that is not 0.
  if (current !== 0n && amount !== 0n) await allowance(0n);
  return mined(await allowance(amount));
}
