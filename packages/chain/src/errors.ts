import { DemecError, type ErrorCode } from "@demec/protocol";
import { type Abi, type DecodeErrorResultReturnType, decodeErrorResult, type Hex, isHex } from "viem";
import { errorsAbi } from "./abis.ts";

type RevertName = (typeof errorsAbi)[number]["name"];

/** Code of each custom error of the contracts; those without one of their own are `chain/reverted`. */
const CODES: Partial<Record<RevertName, ErrorCode>> = {
  Curve_SupplyUnordered: "curve/unordered",
  Curve_PriceUnordered: "curve/unordered",
  Curve_PriceZero: "curve/out-of-range",
  Curve_PriceNeverReached: "curve/out-of-range",
  Market_SupplyTooLarge: "curve/out-of-range",
  Market_UnknownService: "chain/unknown-service",
  Registry_UnknownService: "chain/unknown-service",
  Market_DeadlinePassed: "chain/deadline-passed",
  Staking_DeadlinePassed: "chain/deadline-passed",
  Escrow_DeadlinePassed: "chain/deadline-passed",
  Escrow_ChallengeOver: "chain/deadline-passed",
  Market_ZeroCredits: "chain/zero-amount",
  Staking_ZeroAmount: "chain/zero-amount",
  Market_CostAboveLimit: "chain/slippage",
  Market_ProceedsBelowLimit: "chain/slippage",
  Escrow_ValueBelowLimit: "chain/slippage",
  Market_InsufficientCredits: "chain/insufficient-credits",
  ERC1155InsufficientBalance: "chain/insufficient-credits",
  ERC20InsufficientBalance: "chain/insufficient-funds",
  ERC20InsufficientAllowance: "chain/insufficient-allowance",
  SafeERC20FailedOperation: "chain/insufficient-funds",
  Market_InexactPayment: "chain/unsupported-token",
  Market_NotAToken: "chain/unsupported-token",
  Market_NothingToWithdraw: "chain/nothing-to-withdraw",
  Staking_NothingToWithdraw: "chain/nothing-to-withdraw",
  Market_RoyaltyTooHigh: "chain/bad-terms",
  Registry_BpsTooHigh: "chain/bad-terms",
  Registry_ChallengePeriodOutOfRange: "chain/bad-terms",
  Registry_ZeroMeterVersion: "chain/bad-terms",
  Registry_ProviderInactive: "chain/provider-inactive",
  Staking_Inactive: "chain/provider-inactive",
  Staking_NotRegistered: "chain/provider-inactive",
  Registry_NotEnrolled: "chain/not-enrolled",
  Registry_AlreadyEnrolled: "chain/already-enrolled",
  Staking_InsufficientFreeStake: "chain/insufficient-stake",
  Staking_PenaltiesUncovered: "chain/insufficient-stake",
  Staking_FutureTime: "protocol/out-of-range",
  Staking_TooMuchDelegated: "chain/delegation-full",
  Staking_TooFewShares: "chain/slippage",
  Staking_InsufficientShares: "chain/insufficient-shares",
  Staking_NothingDelegated: "chain/nothing-delegated",
  Staking_TermsTooHigh: "chain/bad-terms",
  Staking_StillUnbonding: "chain/too-early",
  Escrow_TooEarly: "chain/too-early",
  Staking_ForeignConsent: "chain/foreign-signer",
  Escrow_ForeignSigner: "chain/foreign-signer",
  Staking_BadRegion: "protocol/bad-region",
  Staking_TooManyRegions: "protocol/bad-region",
  Market_Forbidden: "chain/forbidden",
  Staking_Forbidden: "chain/forbidden",
  Escrow_Forbidden: "chain/forbidden",
  Escrow_ForeignBuyer: "chain/forbidden",
  Staking_NotCompensated: "chain/forbidden",
  Escrow_OfferExpired: "chain/offer-expired",
  Escrow_OfferUsed: "chain/offer-used",
  Escrow_CreditsOutOfRange: "chain/offer-refused",
  Escrow_BondTooLow: "chain/offer-refused",
  Escrow_NotOpen: "chain/session-not-open",
  Escrow_NotClosing: "chain/session-not-closing",
  Escrow_ForeignState: "chain/foreign-state",
  Escrow_StaleState: "chain/stale-state",
  Escrow_WrongState: "chain/stale-state",
  Escrow_NotFinal: "chain/not-final",
  Escrow_Final: "chain/final",
  Market_Paused: "chain/paused",
  Registry_MeterVersionRetired: "chain/meter-retired",
  Court_MeterVersionRetired: "chain/meter-retired",
  Registry_Forbidden: "chain/forbidden",
  Court_Forbidden: "chain/forbidden",
  AccessManagedUnauthorized: "chain/forbidden",
  AccessManagerUnauthorizedCall: "chain/forbidden",
  AccessManagerUnauthorizedAccount: "chain/forbidden",
  AccessManagerNotReady: "chain/too-early",
  AccessManagerNotScheduled: "chain/not-announced",
  Escrow_Demanded: "chain/demanded",
  Escrow_UnknownSession: "chain/unknown-session",
  Court_UnknownSession: "chain/unknown-session",
  Court_NoDemands: "chain/demand-refused",
  Court_InputTooLarge: "chain/demand-refused",
  Court_NoCode: "chain/demand-refused",
  Court_NoCreditsLeft: "chain/demand-refused",
  Court_WrongState: "chain/stale-state",
  Court_NotDemanded: "chain/not-demanded",
  Court_TooLate: "chain/deadline-passed",
  Court_TooEarly: "chain/too-early",
  Court_ForeignDemand: "chain/bad-answer",
  Court_ForeignExecution: "chain/bad-answer",
  Court_WrongOutput: "chain/bad-answer",
  Court_ForeignSigner: "chain/foreign-signer",
  Court_ForeignState: "chain/foreign-state",
  Court_BadReceipt: "chain/bad-evidence",
  Court_Unproven: "chain/bad-evidence",
  Court_DifferentProviders: "chain/bad-evidence",
  Court_DifferentExecutions: "chain/bad-evidence",
  Court_NoContradiction: "chain/bad-evidence",
  Court_NothingToCharge: "chain/bad-evidence",
  Court_NotCharged: "chain/not-charged",
  LimitOrders_Forbidden: "chain/forbidden",
  LimitOrders_BadTick: "protocol/out-of-range",
  LimitOrders_TooSmall: "chain/order-too-small",
  LimitOrders_UnknownOrder: "chain/unknown-order",
  LimitOrders_NothingToCancel: "chain/nothing-to-cancel",
  LimitOrders_NothingToClaim: "chain/nothing-to-claim",
  LimitOrders_NothingToFill: "chain/nothing-to-fill",
  LimitOrders_TipBelowLimit: "chain/slippage",
  Payment_ForeignPayer: "payment/foreign-payer",
  Payment_PermitRefused: "payment/refused",
  Payment_AuthorizationRefused: "payment/refused",
  Payment_SignatureLength: "payment/refused",
  Payment_NoPermit2: "payment/method-unsupported",
  // Permit2's own.
  InvalidSigner: "payment/refused",
  InvalidSignature: "payment/refused",
  InvalidSignatureLength: "payment/refused",
  InvalidContractSignature: "payment/refused",
  InvalidNonce: "payment/used",
  SignatureExpired: "chain/deadline-passed",
};

/** Reasons in words, of contracts that are older than custom errors. */
const WORDS: Readonly<Record<string, ErrorCode>> = {
  TRANSFER_FROM_FAILED: "payment/failed",
  "ERC20: transfer amount exceeds balance": "chain/insufficient-funds",
  "ERC20: transfer amount exceeds allowance": "chain/insufficient-allowance",
};

/**
 * Turns what viem throws into a {@link DemecError}: a custom error of the contracts with its values, or `chain/rpc` when
 * the call never got an answer.
 */
export function toDemecError(error: unknown): DemecError {
  if (error instanceof DemecError) return error;
  const causes = causesOf(error);
  // A wallet of ours said it.
  const told = causes.find((cause) => cause instanceof DemecError);
  if (told !== undefined) return told;
  const data = causes.map(revertData).find((found) => found !== undefined);
  if (data !== undefined) return describe(data, error);
  const message = causes.map(({ shortMessage }) => shortMessage).find((text) => text !== undefined) ?? String(error);
  if (causes.some(({ name }) => name === "ContractFunctionRevertedError")) {
    return new DemecError("chain/reverted", `The contract reverted without a reason: ${message}`, { cause: error });
  }
  if (causes.some(({ name }) => name === "ContractFunctionZeroDataError")) {
    return new DemecError("chain/reverted", `There is no such contract or function: ${message}`, { cause: error });
  }
  // viem knows the words of geth; Hardhat says it in its own.
  const broke = causes.find(
    ({ name, details }) => name === "InsufficientFundsError" || /enough funds/.test(details ?? ""),
  );
  if (broke !== undefined) {
    return new DemecError("chain/insufficient-gas-money", broke.details ?? message, { cause: error });
  }
  return new DemecError("chain/rpc", message, { cause: error });
}

/** One line for revert data, such as that of a skipped settlement. */
export function decodeRevert(data: Hex): string {
  try {
    const { errorName, args } = decodeErrorResult({ abi: errorsAbi, data });
    return `${errorName}(${(args ?? []).join(", ")})`;
  } catch {
    return data;
  }
}

interface Cause {
  readonly name?: string;
  readonly shortMessage?: string;
  /** What the node said. */
  readonly details?: string;
  readonly data?: unknown;
  readonly cause?: unknown;
}

/** An error and what it was caused by. Wallets throw plain objects, as JSON-RPC has them. */
function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = [];
  for (let cause = error; typeof cause === "object" && cause !== null; cause = (cause as Cause).cause)
    causes.push(cause);
  return causes;
}

/** Revert data as nodes give it: in `data`, or one level deeper. By shape, not by class: there may be two copies of viem. */
function revertData({ data }: Cause): Hex | undefined {
  if (isHex(data) && data.length >= 10) return data;
  return typeof data === "object" && data !== null ? revertData(data as Cause) : undefined;
}

function describe(data: Hex, cause: unknown): DemecError {
  let decoded: DecodeErrorResultReturnType;
  try {
    decoded = decodeErrorResult({ abi: errorsAbi as Abi, data });
  } catch {
    return new DemecError("chain/reverted", `The contract reverted with ${data}.`, { cause, details: { data } });
  }
  const { errorName, abiItem } = decoded;
  const args = decoded.args ?? [];
  const inputs = "inputs" in abiItem ? (abiItem.inputs ?? []) : [];
  const values = Object.fromEntries(
    args.map((value, i) => {
      const { name = String(i), type } = inputs[i] ?? {};
      // Bytes in an error are what another contract reverted with.
      return [name, type === "bytes" ? decodeRevert(value as Hex) : value];
    }),
  );
  const listed = Object.entries(values).map(([key, value]) => `${key} ${String(value)}`);
  const what = listed.length > 0 ? `${errorName} (${listed.join(", ")})` : errorName;
  const code = errorName === "Error" ? WORDS[String(args[0])] : CODES[errorName as RevertName];
  return new DemecError(code ?? "chain/reverted", `The contract refused: ${what}.`, {
    cause,
    details: { contractError: errorName, ...values },
  });
}
