// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BezierCurve} from "../libraries/BezierCurve.sol";
import {Errors} from "../libraries/Errors.sol";
import {CurvePoints} from "../types/ServiceTypes.sol";
import {CurveSamples} from "./CurveSamples.sol";
import {Assertions, vm} from "./Vm.sol";

contract BezierCurveTest is Assertions {
    using BezierCurve for CurvePoints;
    using CurveSamples for CurvePoints;

    uint256 private constant MAX_SUPPLY = type(uint96).max;

    function validate(CurvePoints calldata c) external pure {
        BezierCurve.validate(c);
    }

    function supplyAtPrice(CurvePoints calldata c, uint256 p) external pure returns (uint256) {
        return BezierCurve.supplyAtPrice(c, p);
    }

    /// R(0) = 0, and R never decreases in the supply: between neighbours and over any distance.
    function testFuzz_AreaStartsAtZeroAndNeverDecreases(uint256 seed, uint256 seedA, uint256 seedB) public pure {
        CurvePoints memory c = CurveSamples.curve(seed);
        assertEq(c.areaAt(0), 0, "R(0)");
        uint256 a = c.supply(seedA);
        uint256 b = c.supply(seedB);
        if (a > b) (a, b) = (b, a);
        assertAtMost(c.areaAt(a), c.areaAt(b), "R(a) > R(b)");
        if (a < MAX_SUPPLY) assertAtMost(c.areaAt(a), c.areaAt(a + 1), "R(a) > R(a + 1)");
        if (a > 0) assertAtMost(c.areaAt(a - 1), c.areaAt(a), "R(a - 1) > R(a)");
    }

    /// The price never decreases in the supply, starts at y0 or above and is y3 from x3 on.
    function testFuzz_PriceNeverDecreasesAndEndsFlat(uint256 seed, uint256 seedA, uint256 seedB) public pure {
        CurvePoints memory c = CurveSamples.curve(seed);
        uint256 a = c.supply(seedA);
        uint256 b = c.supply(seedB);
        if (a > b) (a, b) = (b, a);
        assertAtMost(c.y0, c.priceAt(a), "price < y0");
        assertAtMost(c.priceAt(a), c.priceAt(b), "price(a) > price(b)");
        assertAtMost(c.priceAt(b), c.y3, "price > y3");
        assertEq(c.priceAt(c.x3), c.y3, "price(x3)");
        assertEq(c.priceAt(MAX_SUPPLY), c.y3, "price beyond x3");
    }

    /// supplyAtPrice(p) is the least supply whose price is at least p, to the unit.
    function testFuzz_InverseIsTheLeastSupplyAtThatPrice(uint256 seed, uint256 seedPrice) public pure {
        CurvePoints memory c = CurveSamples.curve(seed);
        uint256 p = CurveSamples.pick(seedPrice, 9, 0, c.y3);
        uint256 s = c.supplyAtPrice(p);
        assertAtMost(s, c.x3, "inverse beyond x3");
        assertAtMost(p, c.priceAt(s), "price below p at the inverse");
        if (s > 0) assertTrue(c.priceAt(s - 1) < p, "a lesser supply has the price already");
    }

    /// What lies between two supplies costs at least the lower price and at most the higher one, within one unit.
    function testFuzz_AreaLiesBetweenLowestAndHighestPrice(uint256 seed, uint256 seedA, uint256 seedB) public pure {
        CurvePoints memory c = CurveSamples.curve(seed);
        uint256 a = c.supply(seedA);
        uint256 b = c.supply(seedB);
        if (a > b) (a, b) = (b, a);
        uint256 area = c.areaAt(b) - c.areaAt(a);
        assertAtMost(((b - a) * c.priceAt(a)) / 1e36, area + 2, "cheaper than the lowest price");
        assertAtMost(area, ((b - a) * (c.priceAt(b) + 1)) / 1e36 + 2, "dearer than the highest price");
    }

    /// A straight flat curve is a fixed price: the area is price times supply, rounded down, within one unit.
    function testFuzz_FlatCurveIsAFixedPrice(uint256 seed, uint256 seedSupply) public pure {
        CurvePoints memory c = CurveSamples.curve(seed);
        c.y0 = c.y1 = c.y2 = c.y3;
        uint256 s = c.supply(seedSupply);
        uint256 exact = (s * c.y3) / 1e36;
        uint256 area = c.areaAt(s);
        assertAtMost(area, exact + 1, "above");
        assertAtMost(exact, area + 1, "below");
    }

    function testFuzz_UnorderedOrZeroCurvesAreRefused(uint256 seed, uint256 kind) public {
        CurvePoints memory c = CurveSamples.curve(seed);
        kind %= 6;
        if (c.y1 == type(uint128).max) return;
        bytes4 expected = Errors.Curve_SupplyUnordered.selector;
        if (kind == 0) c.x1 = 0;
        else if (kind == 1) c.x1 = c.x2;
        else if (kind == 2) c.x2 = c.x3;
        else expected = Errors.Curve_PriceUnordered.selector;
        if (kind == 3) (c.y0, c.y1) = (c.y1 + 1, c.y1);
        else if (kind == 4) (c.y1, c.y2) = (c.y3, c.y3 - 1);
        else if (kind == 5) (c.y0, c.y1, c.y2, c.y3, expected) = (0, 0, 0, 0, Errors.Curve_PriceZero.selector);
        vm.expectPartialRevert(expected);
        this.validate(c);
    }

    function testFuzz_APriceAboveTheCurveIsRefused(uint256 seed, uint128 above) public {
        CurvePoints memory c = CurveSamples.curve(seed);
        uint256 p = uint256(c.y3) + 1 + above;
        vm.expectRevert(abi.encodeWithSelector(Errors.Curve_PriceNeverReached.selector, p, c.y3));
        this.supplyAtPrice(c, p);
    }

    /// The flattest and steepest curves of the range evaluate within a bounded amount of gas.
    function test_TheSteepestCurvesStayWithinBoundedGas() public view {
        uint96 max = type(uint96).max;
        uint128 y = type(uint128).max;
        CurvePoints[5] memory curves = [
            CurvePoints(1, 2, max, 0, 0, 0, y),
            CurvePoints(max - 2, max - 1, max, 0, 0, 0, y),
            CurvePoints(1, max - 1, max, 0, 0, y, y),
            CurvePoints(max / 2, max / 2 + 1, max, 0, 1, y - 1, y),
            CurvePoints(1, 2, 3, y, y, y, y)
        ];
        for (uint256 i = 0; i < curves.length; ++i) {
            for (uint256 k = 0; k < 96; ++k) {
                uint256 gas = gasleft();
                curves[i].areaAt(uint256(1) << k);
                curves[i].areaAt(max - (uint256(1) << k) + 1);
                assertAtMost(gas - gasleft(), 220_000, "gas of two evaluations");
            }
        }
    }
}
