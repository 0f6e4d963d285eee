// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "./Errors.sol";

/// @title The grid of asks in the order book: a tick is a price, and at that price a tip.
/// @notice tick = level · 16 + (15 − tip class), so that a lower tick goes first: lower price, then higher tip.
/// - Level l has the price m · 10^e with m = 1000 + l mod 9000 and e = 8 + ⌊l / 9000⌋: every price of four significant
///   decimal digits from 10^11 to almost 10^39, in payment-token base units per whole credit × 1e18.
/// - Tip class c leaves 0 (c = 0) or 2^(c−1) (c = 1 … 10) basis points of the proceeds to whoever fills.
///
/// The lot of a price is 10^(36−e) credit base units. At its price a lot is worth exactly m base units of money: amounts in
/// whole lots have whole prices, so nothing is ever rounded when a price is kept.
/// `packages/protocol/src/priceGrid.ts` computes the same.
library PriceGrid {
    uint256 internal constant LEVELS = 252_000;
    uint256 internal constant MAX_TIP_CLASS = 10;
    /// @dev Bits of a tick; see `BitTree`.
    uint256 internal constant TICK_BITS = 24;
    uint256 private constant MANTISSAS = 9_000;
    uint256 private constant LEAST_MANTISSA = 1_000;
    uint256 private constant LEAST_EXPONENT = 8;
    uint256 private constant RANKS = 16;

    /// @notice Reverts unless the level and the tip class exist.
    function validate(uint256 tick) internal pure {
        if (tick / RANKS >= LEVELS || tick % RANKS < RANKS - 1 - MAX_TIP_CLASS) revert Errors.LimitOrders_BadTick(tick);
    }

    /// @notice Payment-token base units per whole credit × 1e18.
    function priceOf(uint256 tick) internal pure returns (uint256) {
        return lotPriceOf(tick) * 10 ** _exponentOf(tick);
    }

    /// @notice Credits, 18 decimals, of which amounts at this tick are whole multiples.
    function lotOf(uint256 tick) internal pure returns (uint256) {
        return 10 ** (36 - _exponentOf(tick));
    }

    /// @notice What one lot is worth at the tick's price, payment-token base units: its mantissa.
    function lotPriceOf(uint256 tick) internal pure returns (uint256) {
        return LEAST_MANTISSA + ((tick / RANKS) % MANTISSAS);
    }

    /// @notice Of the proceeds, in 1/10,000.
    function tipBpsOf(uint256 tick) internal pure returns (uint256) {
        return (1 << (RANKS - 1 - (tick % RANKS))) >> 1;
    }

    function _exponentOf(uint256 tick) private pure returns (uint256) {
        return LEAST_EXPONENT + tick / RANKS / MANTISSAS;
    }
}
