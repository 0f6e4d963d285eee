// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SettlementLib} from "../../contracts/libraries/SettlementLib.sol";
import {assuming} from "./Assume.sol";

/// @title The escrow's payout: nothing appears or vanishes, whatever state two keys have signed.
/// @dev The buyer gets value − payout, so what has to be shown is collected ≤ payout ≤ value. Divisions are beyond the solver
/// unless divisors are fixed and amounts small: every amount and every use below 2^8, every rate, three numbers of credits and
/// of invocations.
contract SettlementSymbolic {
    function check_PayoutOf3(uint8 value, uint8 used, uint16 rebateBps, uint8 excess, uint8 collected) public pure {
        payoutIsWithinTheValue(3, value, used, rebateBps, excess, collected);
    }

    function check_PayoutOf7(uint8 value, uint8 used, uint16 rebateBps, uint8 excess, uint8 collected) public pure {
        payoutIsWithinTheValue(7, value, used, rebateBps, excess, collected);
    }

    function check_PayoutOf100(uint8 value, uint8 used, uint16 rebateBps, uint8 excess, uint8 collected) public pure {
        payoutIsWithinTheValue(100, value, used, rebateBps, excess, collected);
    }

    function payoutIsWithinTheValue(
        uint256 credits,
        uint256 value,
        uint256 used,
        uint256 rebateBps,
        uint256 excess,
        uint256 collected
    ) private pure {
        assuming(rebateBps <= 10_000 && excess <= credits && collected <= value);
        uint256 paid = SettlementLib.providerAmountDown(value, credits, used, rebateBps, excess, credits, collected);
        assert(collected <= paid && paid <= value);
    }

    function check_APenaltyNeverExceedsTheBond(
        uint128 bond,
        uint16 rateBps,
        uint64 excess,
        uint64 invocations
    ) public pure {
        assuming(rateBps <= 10_000 && excess <= invocations);
        assert(SettlementLib.shareUp(bond, rateBps, excess, invocations) <= bond);
    }

    function check_ExcessNeverExceedsTheInvocations(
        uint64 invocations,
        uint64 breaches,
        uint16 toleranceBps
    ) public pure {
        assuming(toleranceBps <= 10_000);
        assert(SettlementLib.excessBreaches(invocations, breaches, toleranceBps) <= invocations);
    }
}
