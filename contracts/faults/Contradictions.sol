// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IFaultCourt} from "../interfaces/IFaultCourt.sol";
import {Errors} from "../libraries/Errors.sol";
import {ReceiptProof} from "../libraries/ReceiptProof.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {Charge, Testimony} from "../types/FaultTypes.sol";
import {DemandAnswer, Session, SessionParams, SessionState, SessionStatus} from "../types/SessionTypes.sol";
import {CourtBase} from "./CourtBase.sol";

/// @title Contradiction: two signed testimonies of one provider about the same execution that differ.
/// @dev What is held against a provider is attributed through the sessions it was signed for: their operators were fixed when
/// they opened, whatever operator the provider has now.
abstract contract Contradictions is CourtBase {
    using SessionHashes for DemandAnswer;
    using SessionHashes for SessionParams;
    using SessionHashes for SessionState;

    uint256 private constant RECEIPT_BYTES = 104;
    uint8 private constant RECEIPT_VERSION = 1;
    /// @dev What is reported at the end of the window must find a quarter of the unbonding delay left after the grace.
    uint256 private constant GRACE_SHARE = 4;

    /// @dev What is deterministic in a testimony.
    struct Claim {
        bytes32 executionHash;
        bytes32 outputHash;
        uint8 status;
        uint64 bitOps;
        uint64 floatOps;
    }

    /// @inheritdoc IFaultCourt
    uint256 public immutable override grace;
    /// @inheritdoc IFaultCourt
    uint256 public immutable override reportWindow;

    mapping(bytes32 sessionId => Charge) private _charges;

    /// @param grace_ seconds, at most a quarter of the unbonding delay
    constructor(uint256 grace_) {
        uint256 delay = escrow.staking().unbondingDelay();
        if (grace_ > delay / GRACE_SHARE) revert Errors.Court_GraceTooLong(grace_, delay / GRACE_SHARE);
        grace = grace_;
        reportWindow = delay / 2;
    }

    /// @inheritdoc IFaultCourt
    function reportContradiction(Testimony calldata first, Testimony calldata second) external {
        Claim memory one = _claimOf(first);
        Claim memory other = _claimOf(second);
        if (first.params.provider != second.params.provider) {
            revert Errors.Court_DifferentProviders(first.params.provider, second.params.provider);
        }
        if (one.executionHash != other.executionHash) {
            revert Errors.Court_DifferentExecutions(one.executionHash, other.executionHash);
        }
        if (keccak256(abi.encode(one)) == keccak256(abi.encode(other))) {
            revert Errors.Court_NoContradiction(one.executionHash);
        }
        _requireNotRetired(first.params.serviceId);
        _requireNotRetired(second.params.serviceId);

        bytes32 firstId = first.params.idOf();
        bytes32 secondId = second.params.idOf();
        uint48 enforceableAt = uint48(block.timestamp + grace);
        bool charged = _charge(firstId, enforceableAt);
        if (secondId != firstId) charged = _charge(secondId, enforceableAt) || charged;
        if (!charged) revert Errors.Court_NothingToCharge(firstId, secondId);
        emit ContradictionReported(firstId, secondId, msg.sender, one.executionHash, enforceableAt);
    }

    /// @inheritdoc IFaultCourt
    function enforceContradiction(SessionParams calldata params) external returns (uint256 taken) {
        bytes32 sessionId = params.idOf();
        Charge memory charge = _charges[sessionId];
        if (charge.enforceableAt == 0 || charge.enforced) revert Errors.Court_NotCharged(sessionId);
        if (block.timestamp < charge.enforceableAt) {
            revert Errors.Court_TooEarly(charge.enforceableAt, block.timestamp);
        }
        _requireNotRetired(params.serviceId);
        _charges[sessionId].enforced = true;
        taken = escrow.slashBond(params, charge.reporter);
        emit ContradictionEnforced(sessionId, params.provider, taken);
    }

    /// @inheritdoc IFaultCourt
    function chargeOf(bytes32 sessionId) external view returns (Charge memory) {
        return _charges[sessionId];
    }

    // ---- internals ----

    /// @dev Charges a session unless it was charged before, or was settled too long ago for its bond to be there still.
    function _charge(bytes32 sessionId, uint48 enforceableAt) private returns (bool) {
        if (_charges[sessionId].enforceableAt != 0) return false;
        Session memory session = escrow.getSession(sessionId);
        if (session.status == SessionStatus.Settled && block.timestamp > session.deadline + reportWindow) return false;
        _charges[sessionId] = Charge({reporter: msg.sender, enforceableAt: enforceableAt, enforced: false});
        return true;
    }

    function _claimOf(Testimony calldata testimony) private view returns (Claim memory) {
        bytes32 sessionId = testimony.params.idOf();
        if (escrow.getSession(sessionId).status == SessionStatus.None) {
            revert Errors.Court_UnknownSession(sessionId);
        }
        return
            testimony.receipt.length == 0
                ? _claimOfAnswer(testimony, sessionId)
                : _claimOfReceipt(testimony, sessionId);
    }

    /// @dev The operator's signature is enough: a root is the provider's word whether its buyer agreed or not.
    function _claimOfReceipt(
        Testimony calldata testimony,
        bytes32 sessionId
    ) private view returns (Claim memory claim) {
        SessionState calldata state = testimony.state;
        if (state.sessionId != sessionId) revert Errors.Court_ForeignState(sessionId, state.sessionId);
        _requireSigner(testimony.params.operator, state.structHash(), testimony.operatorSig);
        bytes calldata receipt = testimony.receipt;
        if (receipt.length != RECEIPT_BYTES || uint8(receipt[0]) != RECEIPT_VERSION) {
            revert Errors.Court_BadReceipt(receipt.length);
        }
        bytes32 leaf = ReceiptProof.leafOf(receipt);
        if (!ReceiptProof.verify(state.receiptsRoot, testimony.size, testimony.index, leaf, testimony.path)) {
            revert Errors.Court_Unproven(state.receiptsRoot);
        }
        // The layout of packages/protocol/src/receipt.ts.
        claim.executionHash = bytes32(receipt[1:33]);
        claim.outputHash = bytes32(receipt[33:65]);
        claim.status = uint8(receipt[65]);
        claim.bitOps = uint64(bytes8(receipt[67:75]));
        claim.floatOps = uint64(bytes8(receipt[75:83]));
    }

    function _claimOfAnswer(Testimony calldata testimony, bytes32 sessionId) private view returns (Claim memory) {
        DemandAnswer calldata answer = testimony.answer;
        bytes32 demandId = demandIdOf(sessionId, answer.executionHash, testimony.demandNonce);
        if (answer.demandId != demandId) revert Errors.Court_ForeignDemand(demandId, answer.demandId);
        _requireSigner(testimony.params.operator, answer.structHash(), testimony.operatorSig);
        return
            Claim({
                executionHash: answer.executionHash,
                outputHash: answer.outputHash,
                status: answer.status,
                bitOps: answer.bitOps,
                floatOps: answer.floatOps
            });
    }

    function _requireNotRetired(uint256 serviceId) private view {
        if (!_isMeterRetired(serviceId)) return;
        (, uint16 meterVersion) = registry.codeOf(serviceId);
        revert Errors.Court_MeterVersionRetired(meterVersion);
    }
}
