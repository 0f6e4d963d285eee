import type { ReadClient } from "@demec/chain";
import { type Address, DemecError, type Hex } from "@demec/protocol";
import type { PaymentPayload } from "@x402/core/types";
import { isEIP3009Payload } from "@x402/evm";
import { isAddress, isAddressEqual, isHex, parseAbi, parseEventLogs } from "viem";
import { getLogs, getTransactionReceipt, readContract } from "viem/actions";

const TOKEN_ABI = parseAbi([
  "function balanceOf(address account) view returns (uint256)",
  "function authorizationState(address authorizer, bytes32 nonce) view returns (bool)",
  "event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)",
  "event Transfer(address indexed from, address indexed to, uint256 value)",
]);
const [, , AUTHORIZATION_USED] = TOKEN_ABI;

/** A signed transfer (ERC-3009), as far as the gateway looks at it itself. */
export interface Authorization {
  readonly payer: Address;
  readonly nonce: Hex;
  /** Unix seconds. */
  readonly validBefore: number;
}

/** @throws gateway/payment-refused for a payment by anything but ERC-3009 */
export function authorizationOf({ payload }: PaymentPayload): Authorization {
  if (isEIP3009Payload(payload as never)) {
    const { from, nonce, validBefore } = (payload as { authorization: Record<string, unknown> }).authorization;
    const seconds = /^\d{1,15}$/.test(String(validBefore)) ? Number(validBefore) : Number.NaN;
    if (isAddress(String(from)) && isHex(nonce) && nonce.length === 66 && Number.isFinite(seconds)) {
      return { payer: from as Address, nonce: nonce.toLowerCase() as Hex, validBefore: seconds };
    }
  }
  throw new DemecError("gateway/payment-refused", "The payment is no transfer with authorization (ERC-3009).");
}

/** Whether a token knows transfers with authorization. @throws chain/rpc */
export async function takesAuthorizations(client: ReadClient, token: Address): Promise<boolean> {
  const args = [token, `0x${"00".repeat(32)}`] as const;
  const call = { address: token, abi: TOKEN_ABI, functionName: "authorizationState", args } as const;
  return readContract(client, call).then(
    () => true,
    () => false,
  );
}

export function balanceOf(client: ReadClient, token: Address, account: Address): Promise<bigint> {
  return readContract(client, { address: token, abi: TOKEN_ABI, functionName: "balanceOf", args: [account] });
}

/**
 * The transaction in which an authorization did pay: one that used its nonce and moved the amount. That the nonce is used is
 * not enough: its owner may have cancelled it, or signed another transfer with it.
 */
export async function findPayment(
  client: ReadClient,
  payment: { token: Address; authorization: Authorization; payTo: Address; amount: bigint; fromBlock: bigint },
): Promise<Hex | null> {
  const { token, authorization, payTo, amount, fromBlock } = payment;
  const { payer, nonce } = authorization;
  const args = { authorizer: payer, nonce };
  const used = await getLogs(client, { address: token, event: AUTHORIZATION_USED, args, fromBlock });
  for (const { transactionHash: hash } of used) {
    const { logs } = await getTransactionReceipt(client, { hash });
    const ofToken = logs.filter(({ address }) => isAddressEqual(address, token));
    const paid = parseEventLogs({ abi: TOKEN_ABI, eventName: "Transfer", logs: ofToken }).some(
      ({ args: { from, to, value } }) => isAddressEqual(from, payer) && isAddressEqual(to, payTo) && value >= amount,
    );
    if (paid) return hash;
  }
  return null;
}
