// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Control points of a service's price curve; P0 = (0, y0).
/// @param x1 supply, credit base units (18 decimals); 0 < x1 < x2 < x3
/// @param y0 price, payment-token base units per whole credit × 1e18; y0 ≤ y1 ≤ y2 ≤ y3, y3 > 0
struct CurvePoints {
    uint96 x1;
    uint96 x2;
    uint96 x3;
    uint128 y0;
    uint128 y1;
    uint128 y2;
    uint128 y3;
}

/// @notice Coefficients that turn usage into credits, 18 decimals per unit.
/// @param a per 10⁶ bitOps @param b per 10⁶ floatOps @param c per megabyte (10⁶ bytes)
/// @param d per second of duration @param e per second of latency @param f per second of ping
struct Tariff {
    int128 a;
    int128 b;
    int128 c;
    int128 d;
    int128 e;
    int128 f;
}

/// @notice Measured vector of one invocation.
struct Usage {
    uint64 bitOps;
    uint64 floatOps;
    uint64 byteCount;
    uint32 durationMs;
    uint32 latencyMs;
    uint32 pingMs;
}

/// @notice What a service promises and what a broken promise costs.
/// @param maxLatencyMs latency beyond which an invocation is a breach; 0: no promise
/// @param toleranceBps breaches that cost nothing, of invocations, in 1/10,000
/// @param rebateBps of the earned value, at 100% excess breaches
/// @param bondPenaltyBps of the session's bond, at 100% excess breaches
struct SlaTerms {
    uint32 maxLatencyMs;
    uint16 toleranceBps;
    uint16 rebateBps;
    uint16 bondPenaltyBps;
}

/// @notice What a publisher creates a service from.
/// @param codeHash SHA-256 of the module; 0: bring your own code
/// @param codeCore public key of the hypercore in which the module is found
/// @param royaltyBps of what a purchase adds to the reserve, on top of it
/// @param challengePeriod seconds, see `SlaEscrow`
/// @param minBondPerCredit least bond of an offer, stake-token base units per whole credit
/// @param meterVersion version of the metering rewrite that counts the work
/// @param metadata for people: name, description or a URI; only in the event
struct ServiceParams {
    bytes32 codeHash;
    bytes32 codeCore;
    uint16 royaltyBps;
    address paymentToken;
    Tariff tariff;
    SlaTerms sla;
    uint32 challengePeriod;
    uint128 minBondPerCredit;
    uint16 meterVersion;
    CurvePoints curve;
    string metadata;
}

/// @notice A service as it was created; nothing of it ever changes.
struct Service {
    address publisher;
    bytes32 codeHash;
    bytes32 codeCore;
    uint16 royaltyBps;
    address paymentToken;
    Tariff tariff;
    SlaTerms sla;
    uint32 challengePeriod;
    uint128 minBondPerCredit;
    uint16 meterVersion;
    CurvePoints curve;
}

/// @notice The part of a service that a session snapshots; one storage slot.
struct SessionTerms {
    uint32 maxLatencyMs;
    uint16 toleranceBps;
    uint16 rebateBps;
    uint16 bondPenaltyBps;
    uint32 challengePeriod;
    uint128 minBondPerCredit;
    uint16 meterVersion;
}
