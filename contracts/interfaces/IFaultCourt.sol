// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Charge, Demand, Execution, Output, Testimony} from "../types/FaultTypes.sol";
import {DemandAnswer, DemandRefusal, SessionParams, SessionState} from "../types/SessionTypes.sol";

/// @title What a contract can judge by itself: silence and contradiction.
interface IFaultCourt {
    event Demanded(
        bytes32 indexed sessionId,
        bytes32 indexed demandId,
        address indexed provider,
        uint64 nonce,
        uint256 deadline,
        bytes32 executionHash,
        Execution execution
    );
    event DemandAnswered(bytes32 indexed sessionId, bytes32 indexed demandId, DemandAnswer answer, Output output);
    event DemandRefused(bytes32 indexed sessionId, bytes32 indexed demandId, uint8 reason);
    event DemandExpired(bytes32 indexed sessionId, bytes32 indexed demandId, address indexed provider);
    /// @notice The session was settled by both signatures meanwhile.
    event DemandMoot(bytes32 indexed sessionId, bytes32 indexed demandId);
    event ContradictionReported(
        bytes32 indexed firstSessionId,
        bytes32 indexed secondSessionId,
        address indexed reporter,
        bytes32 executionHash,
        uint256 enforceableAt
    );
    event ContradictionEnforced(bytes32 indexed sessionId, address indexed provider, uint256 taken);

    // ---- liveness ----

    /// @notice The session's buyer puts a call on chain, within the terms of the session's offer. Takes the offer's deposit out
    /// of the buyer's claim in the market, or its tokens (allowance for the market). One demand at a time.
    /// @param newest newest state that the chain has seen of the session; all zero when there was none
    function demand(
        SessionParams calldata params,
        SessionState calldata newest,
        Execution calldata execution
    ) external returns (bytes32 demandId);

    /// @notice Ends a demand by output and what the operator signed about it. Anyone may bring it. The provider gets the deposit.
    function answerDemand(
        SessionParams calldata params,
        DemandAnswer calldata answer,
        bytes calldata operatorSig,
        Output calldata output
    ) external;

    /// @notice Ends a demand by a refusal of the operator's. Half of the deposit, rounded up, is the provider's, the rest the
    /// buyer's again.
    function refuseDemand(
        SessionParams calldata params,
        DemandRefusal calldata refusal,
        bytes calldata operatorSig
    ) external;

    /// @notice Ends a demand that nobody answered. Anyone, from its deadline on. The buyer gets the deposit back; the session
    /// starts to close and its bond is slashed, unless its meter version was retired.
    function expireDemand(SessionParams calldata params) external;

    // ---- contradictions ----

    /// @notice Charges the sessions of two testimonies of one provider that say different things about the same execution.
    /// Sessions that were settled more than `reportWindow` ago can't be charged any more.
    function reportContradiction(Testimony calldata first, Testimony calldata second) external;

    /// @notice Slashes the bond of a charged session, unless its meter version was retired meanwhile. Anyone, once the grace is
    /// over.
    function enforceContradiction(SessionParams calldata params) external returns (uint256 taken);

    // ---- views ----

    function demandOf(bytes32 sessionId) external view returns (Demand memory);

    function chargeOf(bytes32 sessionId) external view returns (Charge memory);

    /// @notice Id of a session's demand: what an answer is bound to.
    function demandIdOf(bytes32 sessionId, bytes32 executionHash, uint64 nonce) external view returns (bytes32);

    /// @notice Seconds between a charge and its enforcement, in which a meter version can be retired.
    function grace() external view returns (uint256);

    /// @notice Seconds after a session's settlement in which it can be charged: half the unbonding delay.
    function reportWindow() external view returns (uint256);
}
