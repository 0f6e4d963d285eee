// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Tariff, Usage} from "../types/ServiceTypes.sol";

/// @title Credits of one invocation; `creditsUp` in packages/protocol/src/tariff.ts computes the same integer.
library TariffLib {
    /// @notice ceil(max(0, a·bitOps + b·floatOps + c·bytes + 1000·(d·duration + e·latency + f·ping)) / 10⁶), 18 decimals.
    function creditsUp(Tariff memory tariff, Usage memory usage) internal pure returns (uint256) {
        // No overflow: six products of int128 and uint64 (uint32·1000 is smaller) stay far below 2^255.
        unchecked {
            int256 time =
                int256(tariff.d) * int256(uint256(usage.durationMs)) +
                    int256(tariff.e) * int256(uint256(usage.latencyMs)) +
                    int256(tariff.f) * int256(uint256(usage.pingMs));
            int256 micro =
                int256(tariff.a) * int256(uint256(usage.bitOps)) +
                    int256(tariff.b) * int256(uint256(usage.floatOps)) +
                    int256(tariff.c) * int256(uint256(usage.byteCount)) +
                    1000 * time;
            return micro <= 0 ? 0 : (uint256(micro) + 999_999) / 1_000_000;
        }
    }
}
