// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TariffLib} from "../libraries/TariffLib.sol";
import {Tariff, Usage} from "../types/ServiceTypes.sol";
import {Assertions} from "./Vm.sol";

contract TariffLibTest is Assertions {
    /// Each coefficient prices its own measure, in its own unit: a million operations, a megabyte, a second.
    function testFuzz_EachCoefficientPricesItsMeasure(
        uint64 work,
        uint32 milliseconds,
        uint120 coefficient
    ) public pure {
        for (uint256 kind = 0; kind < 6; ++kind) {
            Tariff memory tariff;
            Usage memory usage;
            int128 c = int128(uint128(coefficient));
            if (kind == 0) (tariff.a, usage.bitOps) = (c, work);
            if (kind == 1) (tariff.b, usage.floatOps) = (c, work);
            if (kind == 2) (tariff.c, usage.byteCount) = (c, work);
            if (kind == 3) (tariff.d, usage.durationMs) = (c, milliseconds);
            if (kind == 4) (tariff.e, usage.latencyMs) = (c, milliseconds);
            if (kind == 5) (tariff.f, usage.pingMs) = (c, milliseconds);
            uint256 measure = kind < 3 ? work : milliseconds;
            uint256 unit = kind < 3 ? 1e6 : 1e3;
            uint256 exact = uint256(coefficient) * measure;
            uint256 credits = TariffLib.creditsUp(tariff, usage);
            // Rounded up: the least integer whose product with the unit is not below the exact amount.
            assertAtMost(exact, credits * unit, "below");
            assertTrue(credits == 0 ? exact == 0 : (credits - 1) * unit < exact, "not the least");
        }
    }

    /// Parts add up, negative ones too, and a sum below zero is zero: slow work is worth less, never paid for by the provider.
    function testFuzz_PartsAddUpAndNeverBelowZero(uint96 work, uint96 late, uint32 latencyMs) public pure {
        Tariff memory tariff;
        tariff.a = int128(uint128(work));
        tariff.b = int128(uint128(work)) * 2;
        tariff.e = -int128(uint128(late));
        Usage memory usage;
        usage.bitOps = 1e6;
        usage.floatOps = 1e6;
        usage.latencyMs = latencyMs;
        uint256 lost = (uint256(late) * latencyMs) / 1000;
        uint256 gained = 3 * uint256(work);
        assertEq(TariffLib.creditsUp(tariff, usage), gained > lost ? gained - lost : 0, "credits");
    }

    /// The largest coefficients and measures of the range don't overflow.
    function test_TheLargestValuesDontOverflow() public pure {
        int128 c = type(int128).max;
        uint64 n = type(uint64).max;
        uint32 ms = type(uint32).max;
        Tariff memory tariff = Tariff(c, c, c, c, c, c);
        Usage memory usage = Usage(n, n, n, ms, ms, ms);
        uint256 exact = uint256(uint128(c)) * (3 * uint256(n) + 3000 * uint256(ms));
        assertEq(TariffLib.creditsUp(tariff, usage), (exact + 999_999) / 1e6, "largest");
        int128 least = type(int128).min;
        assertEq(TariffLib.creditsUp(Tariff(least, least, least, least, least, least), usage), 0, "least");
    }
}
