// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Provider's signed consent to one session (EIP-712).
/// @param provider owner account @param buyer who may open; 0: anyone
/// @param minCredits credits have 18 decimals
/// @param minValuePerCredit payment-token base units per whole credit × 1e18
/// @param bondPerCredit stake-token base units per whole credit
/// @param demandWindow seconds @param demandDeposit payment-token base units
/// @param expiry last second at which it opens a session
/// @param nonce unordered; each number opens one session at most
struct Offer {
    uint256 serviceId;
    address provider;
    address buyer;
    uint128 minCredits;
    uint128 maxCredits;
    uint128 minValuePerCredit;
    uint128 bondPerCredit;
    uint32 demandMaxInputBytes;
    uint32 demandWindow;
    uint128 demandDeposit;
    uint64 expiry;
    uint256 nonce;
}

/// @notice Cumulative summary of a session, signed by operator and session key (EIP-712). seq 0: no state yet.
struct SessionState {
    bytes32 sessionId;
    uint64 seq;
    uint128 creditsUsed;
    uint64 invocations;
    uint64 breaches;
    bytes32 receiptsRoot;
    bool isFinal;
}

/// @notice Operator's answer to an on-chain demand (EIP-712).
struct DemandAnswer {
    bytes32 demandId;
    bytes32 executionHash;
    bytes32 outputHash;
    uint8 status;
    uint64 bitOps;
    uint64 floatOps;
}

/// @notice Operator's coded refusal of an on-chain demand (EIP-712).
struct DemandRefusal {
    bytes32 demandId;
    uint8 reason;
}

/// @notice Static part of a session: fixed at open, named by its hash, never stored.
/// @dev sessionId = keccak256(abi.encode(params)); offerDigest binds chain, escrow and a one-time nonce.
/// @param value payment-token base units in escrow for all `credits`
/// @param bond stake-token base units locked
struct SessionParams {
    bytes32 offerDigest;
    uint256 serviceId;
    address provider;
    address operator;
    address buyer;
    address sessionKey;
    address paymentToken;
    uint128 credits;
    uint128 value;
    uint128 bond;
    uint64 openedAt;
    uint32 challengePeriod;
    uint16 toleranceBps;
    uint16 rebateBps;
    uint16 bondPenaltyBps;
    uint32 demandMaxInputBytes;
    uint32 demandWindow;
    uint128 demandDeposit;
}

enum SessionStatus {
    None,
    Open,
    Closing,
    Settled
}

/// @notice Changing part of a session.
/// @param flags 1, 2, 4: reply windows that were granted, see `SlaEscrow.challenge`; 8: a demand waits for its answer;
/// 16: the bond was slashed
/// @param deadline unix time from which a closing session can be finished; of a settled one, when it was settled
/// @param seq of the newest state that the chain has seen
/// @param collected payment-token base units that the provider has already got
/// @param stateHash struct hash of that newest state; 0: none
struct Session {
    SessionStatus status;
    uint8 flags;
    uint48 deadline;
    uint64 seq;
    uint128 collected;
    bytes32 stateHash;
}

/// @notice One session to settle: with a co-signed final state, or, both signatures empty, after its deadline.
struct SettleItem {
    SessionParams params;
    SessionState state;
    bytes operatorSig;
    bytes sessionKeySig;
}
