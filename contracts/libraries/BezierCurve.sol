// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {CurvePoints} from "../types/ServiceTypes.sol";
import {Errors} from "./Errors.sol";

/// @title Cubic Bézier from supply to price, and the integer area under it.
/// @notice B(t) = Σ C(3,i)(1−t)^{3−i} t^i P_i with P_i = (x_i, y_i), x0 = 0; beyond x3 the price stays y3.
/// `packages/protocol/src/curve.ts` computes the same integers; docs/curve.md derives them and their error.
///
/// Number formats, chosen so that no product of an interpolation exceeds 256 bits:
/// t has 112 fractional bits; coefficients have at most 144 bits.
/// - supply: shifted left until x3 has exactly 144 bits, so at least 48 guard bits;
/// - price: y_i − y0, shifted left by 16;
/// - area: 20 times the Bernstein coefficients of ∫ y dx, which are below 20·2^224, shifted right by 85.
///
/// Everything rests on one lemma: for a ≤ b, a + ((b − a)·t >> 112) is non-decreasing in a, b and t. So de Casteljau on
/// non-decreasing coefficients is non-decreasing in t, exactly, floors included.
library BezierCurve {
    uint256 private constant T_BITS = 112;
    uint256 private constant T_ONE = 1 << T_BITS;
    uint256 private constant COEFFICIENT_BITS = 144;
    uint256 private constant PRICE_SHIFT = 16;
    /// @dev 1/256 of a unit, added before the price is cut to whole units, for the same reason as AREA_NUDGE.
    uint256 private constant PRICE_NUDGE = 1 << 8;
    uint256 private constant AREA_SHIFT = 85;
    /// @dev Area coefficients carry a factor 20; supply and price 18 decimals each.
    uint256 private constant AREA_SCALE = 20e36;
    /// @dev A billionth of a unit, added before the last division: an area that is a whole number stays that number
    /// although the interpolation before it was rounded down.
    uint256 private constant AREA_NUDGE = AREA_SCALE >> 30;

    /// @notice Reverts unless x is strictly increasing, y non-decreasing and y3 > 0. The widths of the fields bound the rest.
    function validate(CurvePoints memory c) internal pure {
        if (c.x1 == 0 || c.x1 >= c.x2 || c.x2 >= c.x3) revert Errors.Curve_SupplyUnordered(c.x1, c.x2, c.x3);
        if (c.y0 > c.y1 || c.y1 > c.y2 || c.y2 > c.y3) revert Errors.Curve_PriceUnordered(c.y0, c.y1, c.y2, c.y3);
        if (c.y3 == 0) revert Errors.Curve_PriceZero();
    }

    /// @notice R(supply): area under the curve from 0, payment-token base units. Non-decreasing; R(0) = 0; within one unit
    /// of the exact area.
    /// @param supply credits, 18 decimals, < 2^96
    function areaAt(CurvePoints memory c, uint256 supply) internal pure returns (uint256) {
        if (supply == 0) return 0;
        // No overflow: each sum is at most 20·y3·x3 < 20·2^224, and so is what lies beyond x3.
        unchecked {
            uint256 d0 = c.x1;
            uint256 d1 = c.x2 - d0;
            uint256 d2 = c.x3 - c.x2;
            uint256 a1 = 10 * d0 * c.y0;
            uint256 a2 = a1 + 4 * d1 * c.y0 + 6 * d0 * c.y1;
            uint256 a3 = a2 + d2 * c.y0 + 6 * d1 * c.y1 + 3 * d0 * c.y2;
            uint256 a4 = a3 + 3 * d2 * c.y1 + 6 * d1 * c.y2 + d0 * c.y3;
            uint256 a5 = a4 + 6 * d2 * c.y2 + 4 * d1 * c.y3;
            uint256 a6 = a5 + 10 * d2 * c.y3;
            if (supply >= c.x3) return (a6 + 20 * (supply - c.x3) * c.y3 + AREA_NUDGE) / AREA_SCALE;
            uint256 t = _parameterAt(c, supply);
            a6 = _sextic(
                a1 >> AREA_SHIFT,
                a2 >> AREA_SHIFT,
                a3 >> AREA_SHIFT,
                a4 >> AREA_SHIFT,
                a5 >> AREA_SHIFT,
                a6 >> AREA_SHIFT,
                t
            );
            return ((a6 << AREA_SHIFT) + AREA_NUDGE) / AREA_SCALE;
        }
    }

    /// @notice Price at a supply; payment-token base units per whole credit × 1e18, rounded down. Non-decreasing.
    function priceAt(CurvePoints memory c, uint256 supply) internal pure returns (uint256) {
        if (supply >= c.x3) return c.y3;
        (uint256 price, ) = _cubic(
            uint256(c.y1 - c.y0) << PRICE_SHIFT,
            uint256(c.y2 - c.y0) << PRICE_SHIFT,
            uint256(c.y3 - c.y0) << PRICE_SHIFT,
            _parameterAt(c, supply)
        );
        return c.y0 + ((price + PRICE_NUDGE) >> PRICE_SHIFT);
    }

    /// @notice Least supply s with priceAt(s) ≥ priceWad, exactly.
    /// @dev priceAt(s) ≥ p ⟺ t(s) ≥ t_p := min{t : y(t) ≥ p} ⟺ x(t_p) ≤ s, the last by the definition of t(s).
    function supplyAtPrice(CurvePoints memory c, uint256 priceWad) internal pure returns (uint256) {
        if (priceWad > c.y3) revert Errors.Curve_PriceNeverReached(priceWad, c.y3);
        if (priceWad <= c.y0) return 0;
        unchecked {
            uint256 t =
                1 +
                    _largestBelow(
                        uint256(c.y1 - c.y0) << PRICE_SHIFT,
                        uint256(c.y2 - c.y0) << PRICE_SHIFT,
                        uint256(c.y3 - c.y0) << PRICE_SHIFT,
                        ((priceWad - c.y0) << PRICE_SHIFT) - PRICE_NUDGE - 1
                    );
            uint256 shift = _supplyShift(c);
            (uint256 x, ) = _cubic(uint256(c.x1) << shift, uint256(c.x2) << shift, uint256(c.x3) << shift, t);
            return (x + (1 << shift) - 1) >> shift;
        }
    }

    /// @dev t(s) = max{t : x(t) ≤ s}, for s < x3.
    function _parameterAt(CurvePoints memory c, uint256 supply) private pure returns (uint256) {
        uint256 shift = _supplyShift(c);
        return _largestBelow(uint256(c.x1) << shift, uint256(c.x2) << shift, uint256(c.x3) << shift, supply << shift);
    }

    /// @dev Brings x3 to exactly 144 bits; at least 48.
    function _supplyShift(CurvePoints memory c) private pure returns (uint256) {
        unchecked {
            return COEFFICIENT_BITS - 1 - Math.log2(c.x3);
        }
    }

    /// @dev The largest t with cubic(t) ≤ target, by Newton's method inside a bracket: cubic(low) ≤ target < cubic(high).
    /// A step that does not halve the step before is replaced by bisection; a step that has become tiny is lengthened,
    /// ever more, so that the bracket closes from both sides. The answer does not depend on the way there.
    /// Requires c1 ≤ c2 ≤ c3 < 2^144 and target < c3. Typically 6 evaluations, at most some 140 on the steepest curves.
    function _largestBelow(uint256 c1, uint256 c2, uint256 c3, uint256 target) private pure returns (uint256 low) {
        // Products stay below 2^144·2^112 = 2^256; t stays in (low, high), so the subtractions that matter can't wrap:
        // a step below 0 or beyond 1 lands outside the bracket, also when it wraps, and is replaced by bisection.
        unchecked {
            uint256 high = T_ONE;
            uint256 lastStep = T_ONE;
            uint256 stretch = 1;
            uint256 t = (target << T_BITS) / c3;
            while (true) {
                if (t <= low || t >= high) {
                    t = (low + high) >> 1;
                    lastStep = high - low;
                }
                (uint256 value, uint256 slope) = _cubic(c1, c2, c3, t);
                uint256 step;
                if (value <= target) {
                    low = t;
                    step = target - value;
                } else {
                    high = t;
                    step = value - target;
                }
                if (high - low < 2) return low;
                step = slope == 0 ? T_ONE : (step << T_BITS) / slope;
                if (step << 1 > lastStep) {
                    t = (low + high) >> 1;
                    lastStep = high - low;
                    continue;
                }
                lastStep = step;
                if (step <= stretch) {
                    step = stretch;
                    stretch <<= 3;
                } else {
                    ++step;
                }
                t = value <= target ? t + step : t - step;
            }
        }
    }

    /// @dev Floored de Casteljau on (0, c1, c2, c3), and the slope per unit of t.
    function _cubic(uint256 c1, uint256 c2, uint256 c3, uint256 t) private pure returns (uint256 value, uint256 slope) {
        // See the formats above: interpolations can't overflow, and every difference is of ordered values.
        unchecked {
            uint256 middle = _lerp(c1, c2, t);
            uint256 left = _lerp((c1 * t) >> T_BITS, middle, t);
            slope = _lerp(middle, _lerp(c2, c3, t), t) - left;
            value = left + ((slope * t) >> T_BITS);
            slope *= 3;
        }
    }

    /// @dev Floored de Casteljau on (0, a1, …, a6).
    function _sextic(
        uint256 a1,
        uint256 a2,
        uint256 a3,
        uint256 a4,
        uint256 a5,
        uint256 a6,
        uint256 t
    ) private pure returns (uint256) {
        uint256 a0;
        unchecked {
            for (uint256 degree = 6; degree != 0; --degree) {
                a0 = _lerp(a0, a1, t);
                if (degree == 1) break;
                a1 = _lerp(a1, a2, t);
                if (degree == 2) continue;
                a2 = _lerp(a2, a3, t);
                if (degree == 3) continue;
                a3 = _lerp(a3, a4, t);
                if (degree == 4) continue;
                a4 = _lerp(a4, a5, t);
                if (degree == 5) continue;
                a5 = _lerp(a5, a6, t);
            }
        }
        return a0;
    }

    /// @dev Requires a ≤ b < 2^144 and t ≤ 2^112.
    function _lerp(uint256 a, uint256 b, uint256 t) private pure returns (uint256) {
        unchecked {
            return a + (((b - a) * t) >> T_BITS);
        }
    }
}
