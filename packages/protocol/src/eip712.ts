import { hashStruct, hashTypedData } from "viem";

export type Address = `0x${string}`;
export type Hex = `0x${string}`;

/** Contract that verifies a signature, with its chain: what an EIP-712 domain binds to. */
export interface SigningDomain {
  readonly chainId: number;
  readonly verifyingContract: Address;
}

/** Provider's signed consent to one session. Domain: `SlaEscrow`. */
export interface Offer {
  readonly serviceId: bigint;
  /** Cold owner account of the provider: the staked one. */
  readonly provider: Address;
  /** Who may open; the zero address for anyone. */
  readonly buyer: Address;
  /** Least and most credits of the session; uint128, 18 decimals. */
  readonly minCredits: bigint;
  readonly maxCredits: bigint;
  /** Least escrow value of one whole credit; uint128, payment-token base units × 1e18. */
  readonly minValuePerCredit: bigint;
  /** Stake locked for one whole credit; uint128, stake-token base units. */
  readonly bondPerCredit: bigint;
  /** Largest input of an on-chain demand; uint32 bytes, 0: no demand. */
  readonly demandMaxInputBytes: number;
  /** Time to answer a demand; uint32 seconds. */
  readonly demandWindow: number;
  /** What a demand costs its sender up front; uint128, payment-token base units. */
  readonly demandDeposit: bigint;
  /** Last second at which it may be opened; uint64 unix time. */
  readonly expiry: bigint;
  /** Unordered: each number opens one session at most. uint256. */
  readonly nonce: bigint;
}

/** Cumulative summary of a session, signed by operator and session key. Domain: `SlaEscrow`. */
export interface SessionState {
  readonly sessionId: Hex;
  /** Strictly increasing; uint64, first state 1. */
  readonly seq: bigint;
  /** uint128, 18 decimals. */
  readonly creditsUsed: bigint;
  readonly invocations: bigint;
  readonly breaches: bigint;
  /** Root over the session's receipts, see `ReceiptTree`. */
  readonly receiptsRoot: Hex;
  readonly isFinal: boolean;
}

/** Operator's proof of possession when an owner binds it. Domain: `ProviderStaking`. */
export interface OperatorConsent {
  readonly owner: Address;
  readonly operator: Address;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Session key's claim to one encrypted channel. Domain: `SlaEscrow`; never goes on chain. */
export interface ChannelAttachment {
  readonly sessionId: Hex;
  /** Hash of the Noise handshake: a signature for one connection is worthless on another. */
  readonly handshakeHash: Hex;
}

/** Operator's answer to an on-chain demand. Domain: `SlaEscrow`. */
export interface DemandAnswer {
  readonly demandId: Hex;
  readonly executionHash: Hex;
  readonly outputHash: Hex;
  readonly status: number;
  readonly bitOps: bigint;
  readonly floatOps: bigint;
}

/** Operator's coded refusal of an on-chain demand. Domain: `SlaEscrow`. */
export interface DemandRefusal {
  readonly demandId: Hex;
  readonly reason: number;
}

/**
 * All that a payer agrees to when it signs a purchase. Never signed under deMEC's own domain: it is the witness of a
 * Permit2 transfer or the nonce of an ERC-3009 authorisation, see `payment.ts`.
 */
export interface BuyIntent {
  readonly serviceId: bigint;
  /** uint128, 18 decimals. */
  readonly credits: bigint;
  /** Most to pay, fees included; uint128, payment-token base units. */
  readonly maxCost: bigint;
  /** Who gets the credits. */
  readonly recipient: Address;
  /** Last second at which it may happen; uint64 unix time. */
  readonly deadline: bigint;
  /** Any number that the payer has not used with this method of payment; uint256. */
  readonly nonce: bigint;
}

/** All that a payer agrees to when it signs for a session opened with credits bought at once. Used like a BuyIntent. */
export interface SessionIntent {
  readonly serviceId: bigint;
  /** Digest of the offer, which binds chain, escrow, provider and terms. */
  readonly offerDigest: Hex;
  /** uint128, 18 decimals. */
  readonly credits: bigint;
  /** Address of the key that will sign the session's states. */
  readonly sessionKey: Address;
  /** Most to pay, fees included; uint128, payment-token base units. */
  readonly maxCost: bigint;
  /** Least to be held in escrow for the credits; uint128, payment-token base units. */
  readonly minValue: bigint;
  /** Last second at which it may happen; uint64 unix time. */
  readonly deadline: bigint;
  /** As in a BuyIntent. */
  readonly nonce: bigint;
}

export const EIP712_TYPES = {
  Offer: [
    { name: "serviceId", type: "uint256" },
    { name: "provider", type: "address" },
    { name: "buyer", type: "address" },
    { name: "minCredits", type: "uint128" },
    { name: "maxCredits", type: "uint128" },
    { name: "minValuePerCredit", type: "uint128" },
    { name: "bondPerCredit", type: "uint128" },
    { name: "demandMaxInputBytes", type: "uint32" },
    { name: "demandWindow", type: "uint32" },
    { name: "demandDeposit", type: "uint128" },
    { name: "expiry", type: "uint64" },
    { name: "nonce", type: "uint256" },
  ],
  SessionState: [
    { name: "sessionId", type: "bytes32" },
    { name: "seq", type: "uint64" },
    { name: "creditsUsed", type: "uint128" },
    { name: "invocations", type: "uint64" },
    { name: "breaches", type: "uint64" },
    { name: "receiptsRoot", type: "bytes32" },
    { name: "isFinal", type: "bool" },
  ],
  OperatorConsent: [
    { name: "owner", type: "address" },
    { name: "operator", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint64" },
  ],
  ChannelAttachment: [
    { name: "sessionId", type: "bytes32" },
    { name: "handshakeHash", type: "bytes32" },
  ],
  DemandAnswer: [
    { name: "demandId", type: "bytes32" },
    { name: "executionHash", type: "bytes32" },
    { name: "outputHash", type: "bytes32" },
    { name: "status", type: "uint8" },
    { name: "bitOps", type: "uint64" },
    { name: "floatOps", type: "uint64" },
  ],
  DemandRefusal: [
    { name: "demandId", type: "bytes32" },
    { name: "reason", type: "uint8" },
  ],
  BuyIntent: [
    { name: "serviceId", type: "uint256" },
    { name: "credits", type: "uint128" },
    { name: "maxCost", type: "uint128" },
    { name: "recipient", type: "address" },
    { name: "deadline", type: "uint64" },
    { name: "nonce", type: "uint256" },
  ],
  SessionIntent: [
    { name: "serviceId", type: "uint256" },
    { name: "offerDigest", type: "bytes32" },
    { name: "credits", type: "uint128" },
    { name: "sessionKey", type: "address" },
    { name: "maxCost", type: "uint128" },
    { name: "minValue", type: "uint128" },
    { name: "deadline", type: "uint64" },
    { name: "nonce", type: "uint256" },
  ],
} as const;

interface Messages {
  Offer: Offer;
  SessionState: SessionState;
  OperatorConsent: OperatorConsent;
  ChannelAttachment: ChannelAttachment;
  DemandAnswer: DemandAnswer;
  DemandRefusal: DemandRefusal;
  BuyIntent: BuyIntent;
  SessionIntent: SessionIntent;
}
export type SignedType = keyof Messages;
export type MessageOf<T extends SignedType> = Messages[T];

/** The domain of every deMEC signature: name "deMEC", version "1". */
export function eip712Domain(domain: SigningDomain) {
  return { name: "deMEC", version: "1", chainId: domain.chainId, verifyingContract: domain.verifyingContract } as const;
}

/** EIP-712 digest: what is signed. */
export function typedDataDigest<T extends SignedType>(domain: SigningDomain, type: T, message: MessageOf<T>): Hex {
  return hashTypedData({
    domain: eip712Domain(domain),
    types: EIP712_TYPES,
    primaryType: type,
    message,
    // viem infers the message from a literal type name; here the name is a type parameter.
  } as unknown as Parameters<typeof hashTypedData>[0]);
}

/** EIP-712 struct hash, without the domain. */
export function structHash<T extends SignedType>(type: T, message: MessageOf<T>): Hex {
  return hashStruct({ data: message, primaryType: type, types: EIP712_TYPES } as unknown as Parameters<
    typeof hashStruct
  >[0]);
}
