// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Who gets what of a session: the whole payout arithmetic. Pure; never reverts, whatever was signed.
/// @notice packages/protocol/src/settlement.ts computes the same integers.
library SettlementLib {
    uint256 private constant BPS = 10_000;

    /// @notice Value of the work done: value·used/credits; `used` counts up to `credits`.
    function earnedDown(uint256 value, uint256 credits, uint256 used) internal pure returns (uint256) {
        // No overflow: value and used fit 128 bits.
        unchecked {
            return credits == 0 ? 0 : (value * Math.min(used, credits)) / credits;
        }
    }

    /// @notice Breaches beyond the tolerated share of the invocations; there are at most as many breaches as invocations.
    function excessBreaches(
        uint256 invocations,
        uint256 breaches,
        uint256 toleranceBps
    ) internal pure returns (uint256) {
        unchecked {
            return Math.saturatingSub(Math.min(breaches, invocations), (invocations * toleranceBps + BPS - 1) / BPS);
        }
    }

    /// @notice Share of `amount` that `excess` of `invocations` costs: amount·rateBps/10⁴·excess/invocations, at most `amount`.
    /// @dev For the rebate (of the earned value) and for the bond penalty alike; rounded against the provider.
    function shareUp(
        uint256 amount,
        uint256 rateBps,
        uint256 excess,
        uint256 invocations
    ) internal pure returns (uint256) {
        if (excess == 0) return 0;
        // No overflow: 128 + 16 + 64 bits.
        unchecked {
            return Math.min(amount, Math.ceilDiv(amount * rateBps * excess, BPS * invocations));
        }
    }

    /// @notice What the provider gets of `value` in all, at least what was `collected`. The buyer gets the rest.
    function providerAmountDown(
        uint256 value,
        uint256 credits,
        uint256 used,
        uint256 rebateBps,
        uint256 excess,
        uint256 invocations,
        uint256 collected
    ) internal pure returns (uint256) {
        uint256 earned = earnedDown(value, credits, used);
        unchecked {
            return Math.max(collected, earned - shareUp(earned, rebateBps, excess, invocations));
        }
    }

    /// @notice What no later state can take from the provider: the earned value less the largest possible rebate on it.
    function certainDown(
        uint256 value,
        uint256 credits,
        uint256 used,
        uint256 rebateBps
    ) internal pure returns (uint256) {
        uint256 earned = earnedDown(value, credits, used);
        unchecked {
            return earned - shareUp(earned, rebateBps, 1, 1);
        }
    }
}
