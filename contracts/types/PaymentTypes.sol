// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How the payer's tokens reach the market.
/// - Allowance: the payer sends the transaction, the market has its allowance
/// - Permit: the payer sends the transaction; the signature (ERC-2612) gives the market an allowance of `maxCost`
/// - Permit2: anyone sends it; the signature is a `permitWitnessTransferFrom` whose witness is the intent
/// - Authorization: anyone sends it; the signature is a `receiveWithAuthorization` (ERC-3009) of `maxCost` whose nonce is
///   the intent's hash
enum PaymentMethod {
    Allowance,
    Permit,
    Permit2,
    Authorization
}

/// @notice Who pays and with whose consent.
/// @param payer pays, and is the buyer of a session that is opened with it
/// @param signature of the payer; empty for an allowance; 65 bytes r ‖ s ‖ v, or what Permit2 takes
struct Payment {
    PaymentMethod method;
    address payer;
    bytes signature;
}

/// @notice All that a payer agrees to when it signs a purchase (EIP-712).
/// @param credits 18 decimals @param maxCost most to pay, fees included; payment-token base units
/// @param deadline last second at which it may happen
/// @param nonce any number that the payer has not used with this method: Permit2's own nonce, or part of the authorisation's
struct BuyIntent {
    uint256 serviceId;
    uint128 credits;
    uint128 maxCost;
    address recipient;
    uint64 deadline;
    uint256 nonce;
}

/// @notice What a buyer orders when it opens a session with credits that it buys in the same transaction. What its payer
/// signs (EIP-712, `SessionIntent`) is this with the service and the offer's digest before it.
/// @param credits 18 decimals @param sessionKey signs the session's states
/// @param maxCost most to pay, fees included; payment-token base units @param minValue least to be held in escrow
/// @param deadline last second at which it may happen @param nonce as in a BuyIntent
struct SessionOrder {
    uint128 credits;
    address sessionKey;
    uint128 maxCost;
    uint128 minValue;
    uint64 deadline;
    uint256 nonce;
}
