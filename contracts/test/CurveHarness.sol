// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BezierCurve} from "../libraries/BezierCurve.sol";
import {CurvePoints} from "../types/ServiceTypes.sol";

/// @title The curve in batches: what the differential test measures against exact rationals.
contract CurveHarness {
    struct Point {
        CurvePoints curve;
        uint256 supply;
        uint256 priceWad;
    }

    /// @dev `below`: the price one unit before the inverse, 0 where the inverse is 0.
    struct Values {
        uint256 area;
        uint256 price;
        uint256 inverse;
        uint256 priceAtInverse;
        uint256 below;
    }

    function evaluate(Point[] calldata points) external pure returns (Values[] memory values) {
        values = new Values[](points.length);
        for (uint256 i = 0; i < points.length; ++i) {
            CurvePoints memory curve = points[i].curve;
            BezierCurve.validate(curve);
            uint256 inverse = BezierCurve.supplyAtPrice(curve, points[i].priceWad);
            values[i] = Values({
                area: BezierCurve.areaAt(curve, points[i].supply),
                price: BezierCurve.priceAt(curve, points[i].supply),
                inverse: inverse,
                priceAtInverse: BezierCurve.priceAt(curve, inverse),
                below: inverse == 0 ? 0 : BezierCurve.priceAt(curve, inverse - 1)
            });
        }
    }
}
