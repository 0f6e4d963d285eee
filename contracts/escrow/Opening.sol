// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ISlaEscrow} from "../interfaces/ISlaEscrow.sol";
import {Errors} from "../libraries/Errors.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {Payment, SessionOrder} from "../types/PaymentTypes.sol";
import {SessionTerms} from "../types/ServiceTypes.sol";
import {Offer, SessionParams, SessionStatus} from "../types/SessionTypes.sol";
import {Sessions} from "./Sessions.sol";

/// @title Opening: a provider's signed offer, the buyer's credits or payment, and the bond behind both.
abstract contract Opening is Sessions {
    uint256 private constant WAD = 1e18;

    /// @inheritdoc ISlaEscrow
    function open(
        Offer calldata offer,
        bytes calldata operatorSig,
        uint128 credits,
        address sessionKey,
        uint256 minValue,
        uint256 deadline
    ) external returns (bytes32 sessionId) {
        SessionParams memory params = _agree(offer, operatorSig, msg.sender, credits, sessionKey, deadline);
        uint256 value;
        (value, params.paymentToken) = market.redeem(offer.serviceId, msg.sender, credits);
        sessionId = _start(params, value, minValue, offer.minValuePerCredit);
    }

    /// @inheritdoc ISlaEscrow
    /// @dev The market calls the payment token, and that perhaps the payer. By then the offer is used up, and no session
    /// exists yet whose state the callee could move.
    function buyAndOpen(
        Offer calldata offer,
        bytes calldata operatorSig,
        SessionOrder calldata order,
        Payment calldata payment
    ) external returns (bytes32 sessionId, uint256 cost) {
        SessionParams memory params = _agree(
            offer,
            operatorSig,
            payment.payer,
            order.credits,
            order.sessionKey,
            order.deadline
        );
        uint256 value;
        (value, cost, params.paymentToken) = market.buyForSession(
            offer.serviceId,
            params.offerDigest,
            order,
            payment,
            msg.sender
        );
        sessionId = _start(params, value, order.minValue, offer.minValuePerCredit);
    }

    /// @inheritdoc ISlaEscrow
    function cancelOffer(address provider, uint256 nonce) external {
        if (msg.sender != provider && msg.sender != staking.operatorOf(provider)) {
            revert Errors.Escrow_Forbidden(msg.sender);
        }
        _useNonce(provider, nonce);
        emit OfferCancelled(provider, nonce);
    }

    // ---- internals ----

    /// @dev Uses up the offer, locks the bond and fills in all that is known before the credits are paid for.
    function _agree(
        Offer calldata offer,
        bytes calldata operatorSig,
        address buyer,
        uint128 credits,
        address sessionKey,
        uint256 deadline
    ) private returns (SessionParams memory params) {
        if (block.timestamp > deadline) revert Errors.Escrow_DeadlinePassed(deadline, block.timestamp);
        if (block.timestamp > offer.expiry) revert Errors.Escrow_OfferExpired(offer.expiry, block.timestamp);
        if (offer.buyer != address(0) && offer.buyer != buyer) {
            revert Errors.Escrow_ForeignBuyer(offer.buyer, buyer);
        }
        if (credits < offer.minCredits || credits > offer.maxCredits || credits == 0) {
            revert Errors.Escrow_CreditsOutOfRange(credits, offer.minCredits, offer.maxCredits);
        }
        if (sessionKey == address(0)) revert Errors.Escrow_ZeroSessionKey();
        _useNonce(offer.provider, offer.nonce);

        params.offerDigest = offerDigest(offer);
        params.serviceId = offer.serviceId;
        params.provider = offer.provider;
        params.buyer = buyer;
        params.sessionKey = sessionKey;
        params.credits = credits;
        params.openedAt = uint64(block.timestamp);
        params.demandMaxInputBytes = offer.demandMaxInputBytes;
        params.demandWindow = offer.demandWindow;
        params.demandDeposit = offer.demandDeposit;
        _applyTerms(params, offer);

        (params.operator, params.bond) = _lockBond(offer, credits, params.bondPenaltyBps);
        address signer = _recover(params.offerDigest, operatorSig);
        if (signer != params.operator) revert Errors.Escrow_ForeignSigner(params.operator, signer);
    }

    function _start(
        SessionParams memory params,
        uint256 value,
        uint256 minValue,
        uint256 minValuePerCredit
    ) private returns (bytes32 sessionId) {
        uint256 leastValue = Math.max(
            Math.max(minValue, 1),
            Math.mulDiv(params.credits, minValuePerCredit, 1e36, Math.Rounding.Ceil)
        );
        if (value < leastValue) revert Errors.Escrow_ValueBelowLimit(value, leastValue);
        // A reserve fits 128 bits, see BezierMarket.
        params.value = uint128(value);

        sessionId = SessionHashes.sessionId(params);
        progressOf[sessionId].status = SessionStatus.Open;
        emit SessionOpened(sessionId, params.provider, params.buyer, params);
    }

    function _applyTerms(SessionParams memory params, Offer calldata offer) private view {
        SessionTerms memory terms = registry.sessionTerms(offer.serviceId, offer.provider);
        if (offer.bondPerCredit < terms.minBondPerCredit) {
            revert Errors.Escrow_BondTooLow(offer.bondPerCredit, terms.minBondPerCredit);
        }
        params.challengePeriod = terms.challengePeriod;
        params.toleranceBps = terms.toleranceBps;
        params.rebateBps = terms.rebateBps;
        params.bondPenaltyBps = terms.bondPenaltyBps;
    }

    function _lockBond(
        Offer calldata offer,
        uint256 credits,
        uint256 penaltyBps
    ) private returns (address operator, uint128 bond) {
        uint256 bondUp = Math.ceilDiv(credits * offer.bondPerCredit, WAD);
        operator = staking.lockBond(offer.provider, bondUp, penaltyBps);
        // Stake fits 96 bits, and the bond was found in it.
        bond = uint128(bondUp);
    }

    function _useNonce(address provider, uint256 nonce) private {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 word = usedNonces[provider][nonce >> 8];
        if (word & bit != 0) revert Errors.Escrow_OfferUsed(provider, nonce);
        usedNonces[provider][nonce >> 8] = word | bit;
    }
}
