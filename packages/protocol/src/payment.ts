import type { TypedDataDomain } from "viem";
import { type Address, EIP712_TYPES, type Hex, type MessageOf, structHash } from "./eip712.ts";

/**
 * How a payer's tokens reach the market. `allowance` and `permit` say nothing of what they are for, so the payer sends
 * them itself; `permit2` and `authorization` are signatures over a whole intent, which anyone may send.
 */
export type PaymentMethod = "allowance" | "permit" | "permit2" | "authorization";

/** Methods in the order in which the contracts count them. */
export const PAYMENT_METHODS: readonly PaymentMethod[] = ["allowance", "permit", "permit2", "authorization"];

/** Who pays and with whose consent. */
export interface Payment {
  readonly method: PaymentMethod;
  readonly payer: Address;
  /** Of the payer; empty for an allowance. */
  readonly signature: Hex;
}

/** What a payer can sign for. */
export type IntentType = "BuyIntent" | "SessionIntent";

/** Where Uniswap's Permit2 is on every chain that has it. */
export const PERMIT2_ADDRESS: Address = "0x000000000022D473030F116dDEE9F6B43aC78BA3";

const TOKEN_PERMISSIONS = [
  { name: "token", type: "address" },
  { name: "amount", type: "uint256" },
] as const;

/** ERC-2612: gives `spender` an allowance. What the payer's wallet signs; the domain is the token's. */
export function permitTypedData(
  domain: TypedDataDomain,
  message: { owner: Address; spender: Address; value: bigint; nonce: bigint; deadline: bigint },
) {
  const types = {
    Permit: [
      { name: "owner", type: "address" },
      { name: "spender", type: "address" },
      { name: "value", type: "uint256" },
      { name: "nonce", type: "uint256" },
      { name: "deadline", type: "uint256" },
    ],
  } as const;
  return { domain, types, primaryType: "Permit", message } as const;
}

/**
 * Permit2 `permitWitnessTransferFrom` with an intent as witness: amount, nonce and deadline are the intent's.
 * @param permit2 its address and the chain's id
 * @param market the only one who can use it
 * @param token the service's payment token
 */
export function permit2TypedData<T extends IntentType>(
  permit2: { chainId: number; verifyingContract: Address },
  market: Address,
  token: Address,
  type: T,
  intent: MessageOf<T>,
) {
  const types = {
    PermitWitnessTransferFrom: [
      { name: "permitted", type: "TokenPermissions" },
      { name: "spender", type: "address" },
      { name: "nonce", type: "uint256" },
      { name: "deadline", type: "uint256" },
      { name: "witness", type },
    ],
    TokenPermissions: TOKEN_PERMISSIONS,
    [type]: EIP712_TYPES[type],
  };
  const { maxCost, nonce, deadline } = intent;
  return {
    domain: { name: "Permit2", ...permit2 },
    types,
    primaryType: "PermitWitnessTransferFrom" as const,
    message: { permitted: { token, amount: maxCost }, spender: market, nonce, deadline, witness: intent },
  };
}

/**
 * ERC-3009 `receiveWithAuthorization` of the intent's `maxCost`, whose nonce is the intent's struct hash.
 * @param domain the token's
 * @param market the only one who can bring it
 */
export function authorizationTypedData<T extends IntentType>(
  domain: TypedDataDomain,
  payer: Address,
  market: Address,
  type: T,
  intent: MessageOf<T>,
) {
  const types = {
    ReceiveWithAuthorization: [
      { name: "from", type: "address" },
      { name: "to", type: "address" },
      { name: "value", type: "uint256" },
      { name: "validAfter", type: "uint256" },
      { name: "validBefore", type: "uint256" },
      { name: "nonce", type: "bytes32" },
    ],
  } as const;
  const message = {
    from: payer,
    to: market,
    value: intent.maxCost,
    validAfter: 0n,
    // The intent's deadline is the last second, the token's bound is exclusive.
    validBefore: intent.deadline + 1n,
    nonce: structHash(type, intent),
  };
  return { domain, types, primaryType: "ReceiveWithAuthorization", message } as const;
}
