// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IFaultCourt} from "../interfaces/IFaultCourt.sol";
import {Errors} from "../libraries/Errors.sol";
import {ExecutionHash} from "../libraries/ExecutionHash.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {Demand, Execution, Output} from "../types/FaultTypes.sol";
import {
    DemandAnswer,
    DemandRefusal,
    Session,
    SessionParams,
    SessionState,
    SessionStatus
} from "../types/SessionTypes.sol";
import {CourtBase} from "./CourtBase.sol";

/// @title Liveness: a call put on chain, and its answer or the lack of one.
/// @dev The deposits of waiting demands are this contract's claim in the market.
abstract contract Demands is CourtBase {
    using SessionHashes for DemandAnswer;
    using SessionHashes for DemandRefusal;
    using SessionHashes for SessionParams;
    using SessionHashes for SessionState;

    uint64 private _demandCount;
    mapping(bytes32 sessionId => Demand) private _demands;

    /// @inheritdoc IFaultCourt
    function demand(
        SessionParams calldata params,
        SessionState calldata newest,
        Execution calldata execution
    ) external returns (bytes32 demandId) {
        if (msg.sender != params.buyer) revert Errors.Court_Forbidden(msg.sender);
        bytes32 sessionId = params.idOf();
        // From here on the session exists, so that its parameters are those it was opened with.
        escrow.beginDemand(sessionId);
        if (params.demandMaxInputBytes == 0 || params.demandWindow == 0) revert Errors.Court_NoDemands(sessionId);
        uint256 size = ExecutionHash.inputBytes(execution);
        if (size > params.demandMaxInputBytes) revert Errors.Court_InputTooLarge(size, params.demandMaxInputBytes);
        _requireCreditsLeft(sessionId, params.credits, newest);

        Demand memory made;
        made.executionHash = _executionHash(params.serviceId, execution);
        made.nonce = ++_demandCount;
        made.deadline = uint48(block.timestamp + params.demandWindow);
        _demands[sessionId] = made;
        demandId = demandIdOf(sessionId, made.executionHash, made.nonce);
        _announce(sessionId, demandId, params.provider, made, execution);
        if (params.demandDeposit != 0) {
            market.takeDeposit(params.paymentToken, msg.sender, params.demandDeposit);
        }
    }

    /// @inheritdoc IFaultCourt
    function answerDemand(
        SessionParams calldata params,
        DemandAnswer calldata answer,
        bytes calldata operatorSig,
        Output calldata output
    ) external {
        bytes32 sessionId = params.idOf();
        Demand memory asked = _takeInTime(sessionId, answer.demandId);
        if (answer.executionHash != asked.executionHash) {
            revert Errors.Court_ForeignExecution(asked.executionHash, answer.executionHash);
        }
        bytes32 outputHash = ExecutionHash.hash(output);
        if (answer.outputHash != outputHash) revert Errors.Court_WrongOutput(answer.outputHash, outputHash);
        _requireSigner(params.operator, answer.structHash(), operatorSig);

        escrow.endDemand(sessionId);
        emit DemandAnswered(sessionId, answer.demandId, answer, output);
        _pay(params.paymentToken, params.provider, params.demandDeposit);
    }

    /// @inheritdoc IFaultCourt
    function refuseDemand(
        SessionParams calldata params,
        DemandRefusal calldata refusal,
        bytes calldata operatorSig
    ) external {
        bytes32 sessionId = params.idOf();
        _takeInTime(sessionId, refusal.demandId);
        _requireSigner(params.operator, refusal.structHash(), operatorSig);

        escrow.endDemand(sessionId);
        emit DemandRefused(sessionId, refusal.demandId, refusal.reason);
        // Less than for an answer, so that refusing is no business; not nothing, so that demanding nonsense isn't free.
        uint256 half = params.demandDeposit / 2;
        _pay(params.paymentToken, params.provider, params.demandDeposit - half);
        _pay(params.paymentToken, params.buyer, half);
    }

    /// @inheritdoc IFaultCourt
    function expireDemand(SessionParams calldata params) external {
        bytes32 sessionId = params.idOf();
        Demand memory asked = _demands[sessionId];
        if (asked.deadline == 0) revert Errors.Court_NotDemanded(sessionId);
        bool isMoot = escrow.getSession(sessionId).status == SessionStatus.Settled;
        if (!isMoot && block.timestamp < asked.deadline) {
            revert Errors.Court_TooEarly(asked.deadline, block.timestamp);
        }
        delete _demands[sessionId];
        bytes32 demandId = demandIdOf(sessionId, asked.executionHash, asked.nonce);
        if (isMoot) {
            escrow.endDemand(sessionId);
            emit DemandMoot(sessionId, demandId);
        } else {
            emit DemandExpired(sessionId, demandId, params.provider);
            escrow.faultClose(params);
            // A bug in the meter may be what silenced the provider.
            if (!_isMeterRetired(params.serviceId)) escrow.slashBond(params, params.buyer);
        }
        _pay(params.paymentToken, params.buyer, params.demandDeposit);
    }

    /// @inheritdoc IFaultCourt
    function demandOf(bytes32 sessionId) external view returns (Demand memory) {
        return _demands[sessionId];
    }

    // ---- internals ----

    /// @dev The demand that is being answered, which is over with that.
    function _takeInTime(bytes32 sessionId, bytes32 demandId) private returns (Demand memory asked) {
        asked = _demands[sessionId];
        if (asked.deadline == 0) revert Errors.Court_NotDemanded(sessionId);
        if (block.timestamp >= asked.deadline) revert Errors.Court_TooLate(asked.deadline, block.timestamp);
        bytes32 expected = demandIdOf(sessionId, asked.executionHash, asked.nonce);
        if (demandId != expected) revert Errors.Court_ForeignDemand(expected, demandId);
        delete _demands[sessionId];
    }

    function _pay(address token, address to, uint256 amount) private {
        if (amount != 0) market.transferClaim(token, to, amount);
    }

    function _announce(
        bytes32 sessionId,
        bytes32 demandId,
        address provider,
        Demand memory made,
        Execution calldata execution
    ) private {
        emit Demanded(sessionId, demandId, provider, made.nonce, made.deadline, made.executionHash, execution);
    }

    function _executionHash(uint256 serviceId, Execution calldata execution) private view returns (bytes32) {
        (bytes32 codeHash, uint16 meterVersion) = registry.codeOf(serviceId);
        if (codeHash == 0) revert Errors.Court_NoCode(serviceId);
        return ExecutionHash.hash(codeHash, meterVersion, execution);
    }

    function _requireCreditsLeft(bytes32 sessionId, uint256 credits, SessionState calldata newest) private view {
        Session memory session = escrow.getSession(sessionId);
        if (session.seq == 0) return;
        bytes32 actual = newest.structHash();
        if (actual != session.stateHash) revert Errors.Court_WrongState(session.stateHash, actual);
        if (newest.creditsUsed >= credits) revert Errors.Court_NoCreditsLeft(newest.creditsUsed, credits);
    }
}
