// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Every custom error of the system, named `Contract_Reason`, with the offending values.
library Errors {
    // ---- curve ----
    error Curve_SupplyUnordered(uint256 x1, uint256 x2, uint256 x3);
    error Curve_PriceUnordered(uint256 y0, uint256 y1, uint256 y2, uint256 y3);
    error Curve_PriceZero();
    error Curve_PriceNeverReached(uint256 priceWad, uint256 highest);

    // ---- access token ----
    error AccessToken_Forbidden(address caller);

    // ---- market ----
    error Market_Forbidden(address caller);
    error Market_Paused();
    error Market_Miswired();
    error Market_FeeTooHigh(uint256 bps, uint256 most);
    error Market_RoyaltyTooHigh(uint256 bps, uint256 most);
    error Market_NotAToken(address token);
    error Market_UnknownService(uint256 serviceId);
    error Market_DeadlinePassed(uint256 deadline, uint256 time);
    error Market_ZeroCredits(uint256 serviceId);
    error Market_ZeroRecipient();
    error Market_SupplyTooLarge(uint256 supply, uint256 credits, uint256 most);
    error Market_InsufficientCredits(uint256 serviceId, uint256 supply, uint256 credits);
    error Market_CostAboveLimit(uint256 cost, uint256 maxCost);
    error Market_ProceedsBelowLimit(uint256 proceeds, uint256 minProceeds);
    error Market_InexactPayment(address token, uint256 expected, uint256 received);
    error Market_InsufficientClaim(address token, address account, uint256 claim, uint256 amount);
    error Market_NothingToWithdraw(address token, address account);

    // ---- payments ----
    error Payment_ForeignPayer(address payer, address sender);
    error Payment_PermitRefused(address token, address payer);
    /// @param reason what the token reverted with
    error Payment_AuthorizationRefused(address token, address payer, bytes reason);
    error Payment_SignatureLength(uint256 length);
    error Payment_NoPermit2(address permit2);

    // ---- registry ----
    error Registry_UnknownService(uint256 serviceId);
    error Registry_BpsTooHigh(uint256 bps);
    error Registry_ChallengePeriodOutOfRange(uint256 period, uint256 least, uint256 most);
    error Registry_ZeroMeterVersion();
    error Registry_MeterVersionRetired(uint16 meterVersion);
    error Registry_Forbidden(address caller);
    error Registry_ProviderInactive(address provider);
    error Registry_AlreadyEnrolled(uint256 serviceId, address provider);
    error Registry_NotEnrolled(uint256 serviceId, address provider);

    // ---- staking ----
    error Staking_Miswired();
    error Staking_Forbidden(address caller);
    error Staking_ZeroAmount();
    error Staking_ZeroRecipient();
    error Staking_InsufficientFreeStake(address provider, uint256 free, uint256 needed);
    error Staking_NothingToWithdraw(address account);
    error Staking_StillUnbonding(uint256 releasableAt, uint256 time);
    error Staking_Inactive(address provider);
    error Staking_NotRegistered(address account);
    error Staking_ZeroOperator();
    error Staking_ForeignConsent(address expected, address actual);
    error Staking_DeadlinePassed(uint256 deadline, uint256 time);
    error Staking_ZeroNodeKey();
    error Staking_TooManyRegions(uint256 count, uint256 most);
    error Staking_BadRegion(string region);
    error Staking_NotCompensated(bytes32 sessionId, address account);
    error Staking_SupplyTooLarge(uint256 supply, uint256 most);
    error Staking_NotLocked(uint256 bond);
    error Staking_PenaltiesUncovered(address provider, uint256 staked, uint256 needed);
    error Staking_FutureTime(uint256 asked, uint256 time);

    // ---- delegated stake ----
    error Staking_TooMuchDelegated(address owner, uint256 backing, uint256 most);
    error Staking_TooFewShares(uint256 shares, uint256 least);
    error Staking_InsufficientShares(address owner, address delegator, uint256 shares, uint256 needed);
    error Staking_NothingDelegated(address owner);
    error Staking_TermsTooHigh(uint256 bps, uint256 most);

    // ---- escrow ----
    error Escrow_Miswired();
    error Escrow_Forbidden(address caller);
    error Escrow_DeadlinePassed(uint256 deadline, uint256 time);
    error Escrow_OfferExpired(uint256 expiry, uint256 time);
    error Escrow_OfferUsed(address provider, uint256 nonce);
    error Escrow_ForeignBuyer(address expected, address actual);
    error Escrow_CreditsOutOfRange(uint256 credits, uint256 least, uint256 most);
    error Escrow_ZeroSessionKey();
    error Escrow_BondTooLow(uint256 bondPerCredit, uint256 least);
    error Escrow_ForeignSigner(address expected, address actual);
    error Escrow_ValueBelowLimit(uint256 value, uint256 least);
    error Escrow_NotOpen(bytes32 sessionId, uint8 status);
    error Escrow_NotClosing(bytes32 sessionId, uint8 status);
    error Escrow_ForeignState(bytes32 sessionId, bytes32 stateSessionId);
    error Escrow_StaleState(uint256 seq, uint256 newest);
    error Escrow_NotFinal(uint256 seq);
    error Escrow_Final(uint256 seq);
    error Escrow_ChallengeOver(uint256 deadline, uint256 time);
    error Escrow_TooEarly(uint256 deadline, uint256 time);
    error Escrow_WrongState(bytes32 expectedHash, bytes32 actualHash);
    error Escrow_TooLittleGas(uint256 left, uint256 needed);
    error Escrow_Demanded(bytes32 sessionId);
    error Escrow_UnknownSession(bytes32 sessionId);

    // ---- court ----
    error Court_Miswired();
    error Court_GraceTooLong(uint256 grace, uint256 most);
    error Court_Forbidden(address caller);
    error Court_NoDemands(bytes32 sessionId);
    error Court_InputTooLarge(uint256 size, uint256 most);
    error Court_NoCode(uint256 serviceId);
    error Court_WrongState(bytes32 expectedHash, bytes32 actualHash);
    error Court_NoCreditsLeft(uint256 used, uint256 credits);
    error Court_NotDemanded(bytes32 sessionId);
    error Court_TooLate(uint256 deadline, uint256 time);
    error Court_TooEarly(uint256 deadline, uint256 time);
    error Court_ForeignDemand(bytes32 expected, bytes32 actual);
    error Court_ForeignExecution(bytes32 expected, bytes32 actual);
    error Court_WrongOutput(bytes32 expectedHash, bytes32 actualHash);
    error Court_ForeignSigner(address expected, address actual);
    error Court_UnknownSession(bytes32 sessionId);
    error Court_ForeignState(bytes32 sessionId, bytes32 stateSessionId);
    error Court_BadReceipt(uint256 length);
    error Court_Unproven(bytes32 receiptsRoot);
    error Court_DifferentProviders(address first, address second);
    error Court_DifferentExecutions(bytes32 first, bytes32 second);
    error Court_NoContradiction(bytes32 executionHash);
    error Court_MeterVersionRetired(uint16 meterVersion);
    error Court_NothingToCharge(bytes32 firstSessionId, bytes32 secondSessionId);
    error Court_NotCharged(bytes32 sessionId);

    // ---- administration ----
    error Guardian_Miswired();
    error Administration_DelayTooLong(uint256 delay, uint256 grace);

    // ---- limit orders ----
    error LimitOrders_Forbidden(address caller);
    error LimitOrders_BadData(uint256 length);
    error LimitOrders_BadTick(uint256 tick);
    error LimitOrders_NotWholeLots(uint256 credits, uint256 lot);
    error LimitOrders_TooSmall(uint256 credits, uint256 least);
    error LimitOrders_UnknownOrder(uint256 orderId);
    error LimitOrders_NothingToCancel(uint256 orderId);
    error LimitOrders_NothingToClaim(uint256 orderId);
    error LimitOrders_NothingToFill(uint256 serviceId);
    error LimitOrders_TipBelowLimit(uint256 tip, uint256 minTip);
}
