// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Stake behind one provider, three slots. Amounts are stake-token base units.
/// @param assets what the shares are worth together, as of `updatedAt`
/// @param pending rewards that came in during the period of `updatedAt`: they vest in the next one
/// @param exitingShares part of `shares` that unbonds
/// @param streaming rewards that have yet to vest in the period of `updatedAt`
/// @param generation changes when a slash leaves next to nothing; shares of former generations are worth nothing
/// @param termsFrom unix time from which the two `next…Bps` hold; 0: none announced
struct Pool {
    uint96 assets;
    uint96 pending;
    uint48 updatedAt;
    uint128 shares;
    uint128 exitingShares;
    uint96 streaming;
    uint32 generation;
    uint16 premiumBps;
    uint16 commissionBps;
    uint16 nextPremiumBps;
    uint16 nextCommissionBps;
    uint48 termsFrom;
}

/// @title Arithmetic of a delegation pool: shares, vesting, slashing. Every rounding stays in the pool.
/// @dev All amounts together fit 92 bits, see `ProviderStaking`; there are at most 10⁹ shares for one base unit.
library DelegationPool {
    /// @dev Shares that nobody owns, beside one asset that nobody owns: the first shares cost 1/1000 of an asset, and
    /// whoever pushes their price up gives to these too.
    uint256 internal constant VIRTUAL_SHARES = 1_000;
    /// @dev A delegation that gets fewer shares than this could lose more than 1/1000 of itself by rounding.
    uint256 internal constant MIN_SHARES = 1_000;
    /// @dev Shares are wiped by a slash that leaves less than a millionth of their first price.
    uint256 internal constant WIPE_FACTOR = 1_000_000;
    uint256 internal constant REWARD_PERIOD = 7 days;

    /// @dev Brings rewards and terms up to now. A reward that comes in during one period vests evenly over the next one: nobody
    /// can catch it by coming just before it, nor put it off by adding dust. It waits while there are no shares.
    function accrue(Pool memory pool) internal view {
        if (pool.termsFrom != 0 && block.timestamp >= pool.termsFrom) {
            pool.premiumBps = pool.nextPremiumBps;
            pool.commissionBps = pool.nextCommissionBps;
            pool.termsFrom = 0;
        }
        uint256 from = pool.updatedAt;
        pool.updatedAt = uint48(block.timestamp);
        if (pool.shares == 0) {
            pool.pending += pool.streaming;
            pool.streaming = 0;
            return;
        }
        uint256 periods = block.timestamp / REWARD_PERIOD - from / REWARD_PERIOD;
        if (periods != 0) {
            pool.assets += pool.streaming;
            pool.streaming = pool.pending;
            pool.pending = 0;
            from = block.timestamp - (block.timestamp % REWARD_PERIOD);
        }
        uint256 end = from - (from % REWARD_PERIOD) + REWARD_PERIOD;
        uint96 vested =
            periods > 1 ? pool.streaming : uint96((uint256(pool.streaming) * (block.timestamp - from)) / (end - from));
        pool.assets += vested;
        pool.streaming -= vested;
    }

    function toSharesDown(Pool memory pool, uint256 assets) internal pure returns (uint256) {
        return Math.mulDiv(assets, pool.shares + VIRTUAL_SHARES, uint256(pool.assets) + 1);
    }

    /// @dev Of all shares together at most `pool.assets`: shares·(assets + 1) / (shares + 1000) < assets + 1.
    function toAssetsDown(Pool memory pool, uint256 shares) internal pure returns (uint256) {
        return Math.mulDiv(shares, uint256(pool.assets) + 1, pool.shares + VIRTUAL_SHARES);
    }

    /// @dev What is not on its way out.
    function stayingDown(Pool memory pool) internal pure returns (uint256) {
        return toAssetsDown(pool, pool.shares - pool.exitingShares);
    }

    function mintDown(Pool memory pool, uint256 assets) internal pure returns (uint256 shares) {
        shares = toSharesDown(pool, assets);
        pool.assets += uint96(assets);
        pool.shares += uint128(shares);
    }

    /// @dev Burns shares that unbond. What the last of them leaves behind waits for the next delegators.
    function burnDown(Pool memory pool, uint256 shares) internal pure returns (uint256 assets) {
        assets = toAssetsDown(pool, shares);
        pool.assets -= uint96(assets);
        pool.shares -= uint128(shares);
        pool.exitingShares -= uint128(shares);
        if (pool.shares == 0) _clear(pool);
    }

    /// @dev Takes `amount`, or all there is, from all shares alike; rewards that have not vested are nobody's stake yet.
    function slash(Pool memory pool, uint256 amount) internal pure returns (uint256 taken, bool wiped) {
        taken = Math.min(amount, pool.assets);
        pool.assets -= uint96(taken);
        wiped = uint256(pool.assets) * VIRTUAL_SHARES * WIPE_FACTOR < pool.shares;
        if (wiped) {
            ++pool.generation;
            _clear(pool);
        }
    }

    function _clear(Pool memory pool) private pure {
        pool.pending += pool.assets;
        pool.assets = 0;
        pool.shares = 0;
        pool.exitingShares = 0;
    }
}
