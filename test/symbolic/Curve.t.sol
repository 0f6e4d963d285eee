// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BezierCurve} from "../../contracts/libraries/BezierCurve.sol";
import {assuming} from "./Assume.sol";

/// @title What the curve's monotonicity rests on: an interpolation never decreases in a, b or t.
/// @dev One step of one unit at a time; by induction it holds for any distance. Every a below 2^143 and every t is proved;
/// for steps in b and t up to the stated distance between a and b, which is as far as the solver gets in a minute.
contract CurveSymbolic {
    uint256 private constant T_ONE = 1 << 112;

    function check_LerpNeverDecreasesInA(uint256 a, uint256 b, uint256 t) public pure {
        assuming(a < b && b < 1 << 144 && t <= T_ONE);
        assert(BezierCurve._lerp(a, b, t) <= BezierCurve._lerp(a + 1, b, t));
    }

    function check_LerpNeverDecreasesInB(uint256 a, uint128 distance, uint256 t) public pure {
        assuming(a < 1 << 143 && t <= T_ONE);
        uint256 b = a + distance;
        assert(BezierCurve._lerp(a, b, t) <= BezierCurve._lerp(a, b + 1, t));
    }

    function check_LerpNeverDecreasesInT(uint256 a, uint96 distance, uint256 t) public pure {
        assuming(a < 1 << 143 && t < T_ONE);
        uint256 b = a + distance;
        assert(BezierCurve._lerp(a, b, t) <= BezierCurve._lerp(a, b, t + 1));
    }
}
