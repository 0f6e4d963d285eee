// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BezierCurve} from "../contracts/libraries/BezierCurve.sol";
import {CurvePoints} from "../contracts/types/ServiceTypes.sol";
import {Assertions, vm} from "./Vm.sol";

/// @title The golden vectors of the curve, which `npm test` checks from TypeScript, as a test that forge runs on each mutant.
/// @dev scripts/mutate.ts puts this among the other tests, and the vectors beside it column by column.
contract CurveVectorsTest is Assertions {
    using BezierCurve for CurvePoints;

    string private _json;
    CurvePoints[] private _curves;

    function setUp() public {
        _json = vm.readFile("test/curve.json");
        uint256[] memory x1 = read("x1");
        uint256[] memory x2 = read("x2");
        uint256[] memory x3 = read("x3");
        uint256[] memory y0 = read("y0");
        uint256[] memory y1 = read("y1");
        uint256[] memory y2 = read("y2");
        uint256[] memory y3 = read("y3");
        for (uint256 i = 0; i < x1.length; ++i) {
            _curves.push(
                CurvePoints(
                    uint96(x1[i]),
                    uint96(x2[i]),
                    uint96(x3[i]),
                    uint128(y0[i]),
                    uint128(y1[i]),
                    uint128(y2[i]),
                    uint128(y3[i])
                )
            );
        }
    }

    function read(string memory path) private view returns (uint256[] memory) {
        return vm.parseJsonUintArray(_json, string.concat(".", path));
    }

    /// @dev Every curve has as many points as any other.
    function test_AreaAndPriceAreTheIntegersOfTheGoldenVectors() public view {
        uint256[] memory supplies = read("supply");
        uint256[] memory areas = read("area");
        uint256[] memory prices = read("price");
        assertTrue(_curves.length >= 100 && supplies.length % _curves.length == 0, "vectors");
        for (uint256 i = 0; i < supplies.length; ++i) {
            CurvePoints memory c = _curves[i / (supplies.length / _curves.length)];
            assertEq(c.areaAt(supplies[i]), areas[i], "area");
            assertEq(c.priceAt(supplies[i]), prices[i], "price");
        }
    }

    function test_TheInverseIsTheIntegerOfTheGoldenVectors() public view {
        uint256[] memory prices = read("inversePrice");
        uint256[] memory supplies = read("inverseSupply");
        assertTrue(_curves.length >= 100 && supplies.length % _curves.length == 0, "vectors");
        for (uint256 i = 0; i < prices.length; ++i) {
            CurvePoints memory c = _curves[i / (prices.length / _curves.length)];
            assertEq(c.supplyAtPrice(prices[i]), supplies[i], "supply");
        }
    }
}
