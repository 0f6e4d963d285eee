import {
  authorizationTypedData,
  type IntentType,
  type MessageOf,
  PAYMENT_METHODS,
  type Payment,
  type PaymentMethod,
  permit2TypedData,
  permitTypedData,
} from "@demec/protocol";
import { parseAbi } from "viem";
import { signTypedData } from "viem/actions";
import { bezierMarketAbi } from "./abis.ts";
import type { Deployment } from "./addresses.ts";
import { read } from "./execute.ts";
import { tokenDomain } from "./tokenDomain.ts";
import type { WriteClient } from "./types.ts";

const NONCES_ABI = parseAbi(["function nonces(address owner) view returns (uint256)"]);

/**
 * Asks the client's account to consent to an intent by a method of payment.
 * @throws chain/unknown-service, payment/method-unsupported
 */
export async function signPayment<T extends IntentType>(
  client: WriteClient,
  deployment: Deployment,
  method: PaymentMethod,
  type: T,
  intent: MessageOf<T>,
): Promise<Payment> {
  const { account } = client;
  const payer = account.address;
  if (method === "allowance") return { method, payer, signature: "0x" };
  const { market, chainId } = deployment;
  const [token] = await read(client, {
    address: market,
    abi: bezierMarketAbi,
    functionName: "listingOf",
    args: [intent.serviceId],
  });
  const sign = async (data: object): Promise<Payment> => ({
    method,
    payer,
    // The data's types are checked where it is built; viem would infer them anew from a literal.
    signature: await signTypedData(client, { account, ...data } as never),
  });
  if (method === "permit2") {
    const permit2 = await read(client, { address: market, abi: bezierMarketAbi, functionName: "permit2", args: [] });
    return sign(permit2TypedData({ chainId, verifyingContract: permit2 }, market, token, type, intent));
  }
  const domain = await tokenDomain(client, deployment, token);
  if (method === "authorization") return sign(authorizationTypedData(domain, payer, market, type, intent));
  const nonce = await read(client, { address: token, abi: NONCES_ABI, functionName: "nonces", args: [payer] });
  const { maxCost, deadline } = intent;
  return sign(permitTypedData(domain, { owner: payer, spender: market, value: maxCost, nonce, deadline }));
}

/** A payment as the contracts take it. */
export function paymentArgument({ method, payer, signature }: Payment) {
  return { method: PAYMENT_METHODS.indexOf(method), payer, signature };
}

/** 256 random bits: Permit2's nonces are unordered, so that payments signed at the same time don't wait for each other. */
export function randomNonce(): bigint {
  return crypto.getRandomValues(new BigUint64Array(4)).reduce((nonce, word) => (nonce << 64n) | word, 0n);
}
