// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BezierMarket} from "./BezierMarket.sol";
import {Opening} from "./escrow/Opening.sol";
import {Sessions} from "./escrow/Sessions.sol";
import {ISlaEscrow} from "./interfaces/ISlaEscrow.sol";
import {ProviderStaking} from "./ProviderStaking.sol";
import {ServiceRegistry} from "./ServiceRegistry.sol";
import {Errors} from "./libraries/Errors.sol";
import {SessionHashes} from "./libraries/SessionHashes.sol";
import {SettlementLib} from "./libraries/SettlementLib.sol";
import {SessionParams, SessionState, SessionStatus, SettleItem} from "./types/SessionTypes.sol";

/// @title Escrowed sessions: credits become value in escrow, co-signed states decide who gets it.
/// @dev Holds no token: its money is its claim in the market, of which it can move nothing but its own. It calls only the
/// market, the registry and the staking contract, none of which calls strangers on these paths: no guard is needed.
contract SlaEscrow is Opening {
    using SessionHashes for SessionState;

    /// @dev Flags of a session. Reply windows that were granted while closing; a demand waits for its answer; the bond was
    /// slashed.
    uint8 private constant BUYER_WINDOW = 1;
    uint8 private constant PROVIDER_WINDOW = 2;
    uint8 private constant BOTH_WINDOW = 4;
    uint8 private constant DEMANDED = 8;
    uint8 private constant SLASHED = 16;
    /// @dev More than one settlement can need; less left means that the caller was short of gas, not that an item is bad.
    uint256 private constant SETTLEMENT_GAS = 300_000;

    modifier onlyCourt() {
        if (msg.sender != court) revert Errors.Escrow_Forbidden(msg.sender);
        _;
    }

    /// @param court_ the only contract that holds demands and slashes bonds; refuses to be deployed at another address
    constructor(
        BezierMarket market_,
        ServiceRegistry registry_,
        ProviderStaking staking_,
        address court_
    ) Sessions(market_, registry_, staking_, court_) {}

    // ---- collecting and closing ----

    /// @inheritdoc ISlaEscrow
    function collect(
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) external returns (uint256 amount) {
        bytes32 sessionId = _sessionId(params);
        Progress memory progress = progressOf[sessionId];
        if (progress.status != SessionStatus.Open) revert Errors.Escrow_NotOpen(sessionId, uint8(progress.status));
        if (state.isFinal) revert Errors.Escrow_Final(state.seq);
        _adopt(sessionId, progress, params, state, operatorSig, sessionKeySig);

        uint256 certain = SettlementLib.certainDown(params.value, params.credits, state.creditsUsed, params.rebateBps);
        amount = Math.saturatingSub(certain, progress.collected);
        progress.collected += uint128(amount);
        progressOf[sessionId] = progress;
        emit Collected(sessionId, amount, state);
        if (amount != 0) market.transferClaim(params.paymentToken, params.provider, amount);
    }

    /// @inheritdoc ISlaEscrow
    function close(
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) public {
        bytes32 sessionId = _sessionId(params);
        Progress memory progress = progressOf[sessionId];
        if (progress.status != SessionStatus.Open && progress.status != SessionStatus.Closing) {
            revert Errors.Escrow_NotOpen(sessionId, uint8(progress.status));
        }
        if (!state.isFinal) revert Errors.Escrow_NotFinal(state.seq);
        _verify(sessionId, progress, params, state, operatorSig, sessionKeySig);
        _settle(sessionId, progress, params, state);
    }

    /// @inheritdoc ISlaEscrow
    function startClosing(
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) external {
        bytes32 sessionId = _sessionId(params);
        Progress memory progress = progressOf[sessionId];
        if (progress.status != SessionStatus.Open) revert Errors.Escrow_NotOpen(sessionId, uint8(progress.status));
        if (msg.sender != params.buyer && !_isProviderSide(params)) revert Errors.Escrow_Forbidden(msg.sender);
        if (state.isFinal) revert Errors.Escrow_Final(state.seq);
        SessionState memory brought;
        if (state.seq != 0) {
            _adopt(sessionId, progress, params, state, operatorSig, sessionKeySig);
            brought = state;
        }
        progress.status = SessionStatus.Closing;
        progress.deadline = uint48(block.timestamp + params.challengePeriod);
        progressOf[sessionId] = progress;
        emit ClosingStarted(sessionId, msg.sender, progress.deadline, brought);
    }

    /// @inheritdoc ISlaEscrow
    function challenge(
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) external {
        bytes32 sessionId = _sessionId(params);
        Progress memory progress = progressOf[sessionId];
        if (progress.status != SessionStatus.Closing) {
            revert Errors.Escrow_NotClosing(sessionId, uint8(progress.status));
        }
        if (block.timestamp >= progress.deadline) {
            revert Errors.Escrow_ChallengeOver(progress.deadline, block.timestamp);
        }
        if (state.isFinal) revert Errors.Escrow_Final(state.seq);
        _adopt(sessionId, progress, params, state, operatorSig, sessionKeySig);
        uint8 window = _windowGrantedBySender(params);
        if (progress.flags & window == 0) {
            progress.flags |= window;
            progress.deadline = uint48(block.timestamp + params.challengePeriod);
        }
        progressOf[sessionId] = progress;
        emit ClosingChallenged(sessionId, msg.sender, progress.deadline, state);
    }

    /// @inheritdoc ISlaEscrow
    function finish(SessionParams calldata params, SessionState calldata state) public {
        bytes32 sessionId = _sessionId(params);
        Progress memory progress = progressOf[sessionId];
        if (progress.status != SessionStatus.Closing) {
            revert Errors.Escrow_NotClosing(sessionId, uint8(progress.status));
        }
        if (progress.flags & DEMANDED != 0) revert Errors.Escrow_Demanded(sessionId);
        if (block.timestamp < progress.deadline) revert Errors.Escrow_TooEarly(progress.deadline, block.timestamp);
        if (state.seq != progress.seq) revert Errors.Escrow_StaleState(state.seq, progress.seq);
        if (progress.seq == 0) {
            SessionState memory none;
            none.sessionId = sessionId;
            _settle(sessionId, progress, params, none);
        } else {
            bytes32 actual = state.structHash();
            bytes32 expected = stateHashes[sessionId];
            if (actual != expected) revert Errors.Escrow_WrongState(expected, actual);
            _settle(sessionId, progress, params, state);
        }
    }

    /// @inheritdoc ISlaEscrow
    function settleMany(SettleItem[] calldata items) external returns (uint256 settled) {
        for (uint256 i = 0; i < items.length; ++i) {
            if (gasleft() < SETTLEMENT_GAS) revert Errors.Escrow_TooLittleGas(gasleft(), SETTLEMENT_GAS);
            // A call to itself, so that whatever an item reverts with undoes that item alone.
            try this.settle(items[i]) {
                ++settled;
            } catch (bytes memory reason) {
                emit SettlementSkipped(_sessionId(items[i].params), reason);
            }
        }
    }

    /// @notice Closes with a co-signed final state, or, both signatures empty, finishes.
    function settle(SettleItem calldata item) external {
        if (item.operatorSig.length == 0 && item.sessionKeySig.length == 0) finish(item.params, item.state);
        else close(item.params, item.state, item.operatorSig, item.sessionKeySig);
    }

    // ---- faults ----

    /// @inheritdoc ISlaEscrow
    function beginDemand(bytes32 sessionId) external onlyCourt {
        Progress storage progress = progressOf[sessionId];
        if (progress.status != SessionStatus.Open) revert Errors.Escrow_NotOpen(sessionId, uint8(progress.status));
        if (progress.flags & DEMANDED != 0) revert Errors.Escrow_Demanded(sessionId);
        progress.flags |= DEMANDED;
    }

    /// @inheritdoc ISlaEscrow
    function endDemand(bytes32 sessionId) external onlyCourt {
        progressOf[sessionId].flags &= ~DEMANDED;
    }

    /// @inheritdoc ISlaEscrow
    function faultClose(SessionParams calldata params) external onlyCourt {
        bytes32 sessionId = _sessionId(params);
        Progress storage progress = progressOf[sessionId];
        progress.flags &= ~DEMANDED;
        if (progress.status != SessionStatus.Open) return;
        progress.status = SessionStatus.Closing;
        progress.deadline = uint48(block.timestamp + params.challengePeriod);
        SessionState memory none;
        emit ClosingStarted(sessionId, msg.sender, progress.deadline, none);
    }

    /// @inheritdoc ISlaEscrow
    function slashBond(SessionParams calldata params, address reporter) external onlyCourt returns (uint256 taken) {
        bytes32 sessionId = _sessionId(params);
        Progress storage progress = progressOf[sessionId];
        if (progress.status == SessionStatus.None) revert Errors.Escrow_UnknownSession(sessionId);
        if (progress.flags & SLASHED != 0) return 0;
        progress.flags |= SLASHED;
        if (params.bond != 0) taken = staking.slash(params.provider, params.bond, reporter);
        emit BondSlashed(sessionId, params.provider, reporter, params.bond, taken);
    }

    // ---- internals ----

    /// @dev Checks a co-signed state and makes it the session's newest.
    function _adopt(
        bytes32 sessionId,
        Progress memory progress,
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) private {
        stateHashes[sessionId] = _verify(sessionId, progress, params, state, operatorSig, sessionKeySig);
        progress.seq = state.seq;
    }

    function _verify(
        bytes32 sessionId,
        Progress memory progress,
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) private view returns (bytes32 stateHash) {
        if (state.sessionId != sessionId) revert Errors.Escrow_ForeignState(sessionId, state.sessionId);
        if (state.seq <= progress.seq) revert Errors.Escrow_StaleState(state.seq, progress.seq);
        stateHash = state.structHash();
        bytes32 digest = _hashTypedDataV4(stateHash);
        address signer = _recover(digest, operatorSig);
        if (signer != params.operator) revert Errors.Escrow_ForeignSigner(params.operator, signer);
        signer = _recover(digest, sessionKeySig);
        if (signer != params.sessionKey) revert Errors.Escrow_ForeignSigner(params.sessionKey, signer);
    }

    /// @dev Pays out all of the session's value that was not collected, and frees the bond.
    function _settle(
        bytes32 sessionId,
        Progress memory progress,
        SessionParams calldata params,
        SessionState memory state
    ) private {
        uint256 excess = SettlementLib.excessBreaches(state.invocations, state.breaches, params.toleranceBps);
        uint256 providerAmount = SettlementLib.providerAmountDown(
            params.value,
            params.credits,
            state.creditsUsed,
            params.rebateBps,
            excess,
            state.invocations,
            progress.collected
        );
        uint256 buyerAmount = params.value - providerAmount;
        uint256 penalty = SettlementLib.shareUp(params.bond, params.bondPenaltyBps, excess, state.invocations);

        uint256 due = providerAmount - progress.collected;
        progress.status = SessionStatus.Settled;
        progress.deadline = uint48(block.timestamp);
        progress.seq = state.seq;
        progressOf[sessionId] = progress;
        emit SessionSettled(sessionId, params.provider, params.buyer, state, providerAmount, buyerAmount, penalty);
        if (due != 0) market.transferClaim(params.paymentToken, params.provider, due);
        if (buyerAmount != 0) market.transferClaim(params.paymentToken, params.buyer, buyerAmount);
        if (params.bond != 0) {
            staking.releaseBond(sessionId, params.provider, params.bond, params.bondPenaltyBps, penalty, params.buyer);
        }
    }

    /// @dev Whose turn it is to reply to the sender's state; both sides' when a third party brought it.
    function _windowGrantedBySender(SessionParams calldata params) private view returns (uint8) {
        if (msg.sender == params.buyer) return PROVIDER_WINDOW;
        return _isProviderSide(params) ? BUYER_WINDOW : BOTH_WINDOW;
    }

    function _isProviderSide(SessionParams calldata params) private view returns (bool) {
        return msg.sender == params.provider || msg.sender == params.operator;
    }
}
