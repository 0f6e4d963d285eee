// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CurvePoints} from "../types/ServiceTypes.sol";

/// @title Valid curves from random numbers: every order of magnitude, and the corners of the range more often than chance.
library CurveSamples {
    uint256 private constant X_MAX = type(uint96).max;
    uint256 private constant Y_MAX = type(uint128).max;

    function curve(uint256 seed) internal pure returns (CurvePoints memory c) {
        uint256 x3 = 3 + magnitude(seed, 1, X_MAX - 3);
        uint256 x2 = pick(seed, 2, 2, x3 - 1);
        uint256 x1 = pick(seed, 3, 1, x2 - 1);
        uint256 y3 = 1 + magnitude(seed, 4, Y_MAX - 1);
        uint256 y2 = pick(seed, 5, 0, y3);
        uint256 y1 = pick(seed, 6, 0, y2);
        uint256 y0 = pick(seed, 7, 0, y1);
        return CurvePoints(uint96(x1), uint96(x2), uint96(x3), uint128(y0), uint128(y1), uint128(y2), uint128(y3));
    }

    /// @dev A supply: at the corners of the curve, near them, inside or beyond it.
    function supply(CurvePoints memory c, uint256 seed) internal pure returns (uint256) {
        uint256 kind = random(seed, 0) % 8;
        if (kind == 0) return magnitude(seed, 1, c.x3);
        if (kind == 1) return c.x3 - magnitude(seed, 2, c.x3);
        if (kind == 2) return pick(seed, 3, c.x3, X_MAX);
        if (kind == 3) return pick(seed, 4, c.x1, c.x2);
        return pick(seed, 5, 0, c.x3);
    }

    /// @dev 0 … max, each order of magnitude as likely as any other.
    function magnitude(uint256 seed, uint256 salt, uint256 max) internal pure returns (uint256) {
        uint256 r = random(seed, salt);
        uint256 value = uint256(keccak256(abi.encode(r))) >> (r % 256);
        return r % 11 == 0 ? max : value % (max + 1);
    }

    /// @dev low … high, the ends more often than chance.
    function pick(uint256 seed, uint256 salt, uint256 low, uint256 high) internal pure returns (uint256) {
        uint256 kind = random(seed, salt) % 8;
        if (kind == 0) return low;
        if (kind == 1) return high;
        if (kind == 2) return low + magnitude(seed, salt + 100, high - low);
        if (kind == 3) return high - magnitude(seed, salt + 100, high - low);
        return low + (random(seed, salt + 200) % (high - low + 1));
    }

    function random(uint256 seed, uint256 salt) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }
}
