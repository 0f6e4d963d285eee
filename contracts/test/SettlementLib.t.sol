// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SettlementLib} from "../libraries/SettlementLib.sol";
import {Assertions} from "./Vm.sol";

/// @title The payout arithmetic against what its words mean: each result is the integer next to the exact fraction.
contract SettlementLibTest is Assertions {
    uint256 private constant BPS = 10_000;

    function testFuzz_EarnedIsTheValueOfTheWorkRoundedDown(uint128 value, uint128 credits, uint128 used) public pure {
        uint256 earned = SettlementLib.earnedDown(value, credits, used);
        if (credits == 0) return assertEq(earned, 0, "nothing was bought");
        uint256 counted = used < credits ? used : credits;
        uint256 exact = uint256(value) * counted;
        assertAtMost(earned * credits, exact, "above");
        assertTrue(exact < (earned + 1) * credits, "not the greatest");
    }

    /// Small numbers meet every remainder, and every number of breaches around the tolerated one.
    function testFuzz_BreachesAreToleratedUpToTheStatedShareRoundedUp(
        uint64 invocations,
        uint64 breaches,
        uint16 toleranceBps,
        bool small
    ) public pure {
        toleranceBps = uint16(bound(toleranceBps, 0, BPS));
        if (small) invocations %= 1_000;
        // The least number of breaches that is no less than the share.
        uint256 tolerated = (uint256(invocations) * toleranceBps) / BPS;
        if (tolerated * BPS < uint256(invocations) * toleranceBps) ++tolerated;
        if (small) breaches = uint64(tolerated + (breaches % 3));
        uint256 counted = breaches < invocations ? breaches : invocations;
        uint256 excess = counted > tolerated ? counted - tolerated : 0;
        assertEq(SettlementLib.excessBreaches(invocations, breaches, toleranceBps), excess, "excess");
    }

    function testFuzz_AShareIsRoundedUpAndNeverMoreThanAllOfIt(
        uint128 amount,
        uint16 rateBps,
        uint64 excess,
        uint64 invocations,
        bool small
    ) public pure {
        if (small) (excess, invocations) = (excess % 100, invocations % 100);
        // Where there is an excess there are invocations.
        if (invocations == 0) excess = 0;
        uint256 share = SettlementLib.shareUp(amount, rateBps, excess, invocations);
        if (excess == 0) return assertEq(share, 0, "no excess");
        uint256 unit = BPS * uint256(invocations);
        uint256 exact = uint256(amount) * rateBps * excess;
        if (exact > amount * unit) return assertEq(share, amount, "more than all of it");
        assertAtMost(exact, share * unit, "below");
        assertTrue(share == 0 ? exact == 0 : (share - 1) * unit < exact, "not the least");
    }

    function testFuzz_TheProviderGetsWhatItEarnedLessTheRebateAndAtLeastWhatItCollected(
        uint128 value,
        uint128 credits,
        uint128 used,
        uint16 rebateBps,
        uint64 invocations,
        uint64 excess,
        uint128 collected
    ) public pure {
        rebateBps = uint16(bound(rebateBps, 0, BPS));
        invocations = uint64(bound(invocations, 1, type(uint64).max));
        excess = uint64(bound(excess, 0, invocations));
        collected = uint128(bound(collected, 0, value));
        uint256 earned = SettlementLib.earnedDown(value, credits, used);
        uint256 due = earned - SettlementLib.shareUp(earned, rebateBps, excess, invocations);
        uint256 amount = SettlementLib.providerAmountDown(
            value,
            credits,
            used,
            rebateBps,
            excess,
            invocations,
            collected
        );
        assertEq(amount, due > collected ? due : collected, "amount");
        assertAtMost(amount, value, "more than there is");
    }

    /// What is collected before the end is what the worst later state would still pay, to the unit: never more, never less.
    function testFuzz_WhatIsCertainIsTheLeastThatALaterStatePays(
        uint128 value,
        uint128 credits,
        uint128 used,
        uint128 more,
        uint16 rebateBps,
        uint64 invocations,
        uint64 excess
    ) public pure {
        rebateBps = uint16(bound(rebateBps, 0, BPS));
        invocations = uint64(bound(invocations, 1, type(uint64).max));
        excess = uint64(bound(excess, 0, invocations));
        uint256 certain = SettlementLib.certainDown(value, credits, used, rebateBps);
        uint256 later = uint256(used) + more;
        assertAtMost(
            certain,
            SettlementLib.providerAmountDown(value, credits, later, rebateBps, excess, invocations, 0),
            "more than a later state pays"
        );
        assertEq(
            certain,
            SettlementLib.providerAmountDown(value, credits, used, rebateBps, invocations, invocations, 0),
            "less than the worst state pays"
        );
    }
}
