// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {DemecToken} from "./DemecToken.sol";
import {ProviderStaking} from "./ProviderStaking.sol";
import {Delegation, DelegationPoolView, IDelegatedStake} from "./interfaces/IDelegatedStake.sol";
import {DelegationPool, Pool} from "./libraries/DelegationPool.sol";
import {Errors} from "./libraries/Errors.sol";

/// @title Stake that others put behind a provider, and the rewards for it.
/// @dev `ProviderStaking` alone takes anything from delegators: when it slashes. The stake token is
/// the project's own: exact transfers, no callbacks. Amounts that came in fit 92 bits.
contract DelegatedStake is IDelegatedStake {
    using DelegationPool for Pool;
    using SafeERC20 for DemecToken;

    uint256 public constant override MAX_LEVERAGE = 4;
    uint256 public constant MAX_PREMIUM_BPS = 1_000;
    uint256 public constant MAX_COMMISSION_BPS = 3_000;
    uint256 private constant BPS = 10_000;

    /// @param shares of which `exitingShares` unbond; of generation `generation` of the pool
    struct Position {
        uint128 shares;
        uint128 exitingShares;
        uint48 releasableAt;
        uint32 generation;
    }

    DemecToken public immutable token;
    ProviderStaking public immutable staking;
    uint256 public immutable override unbondingDelay;

    mapping(address owner => Pool) private _pools;
    mapping(address owner => mapping(address delegator => Position)) private _positions;

    modifier onlyStaking() {
        if (msg.sender != address(staking)) revert Errors.Staking_Forbidden(msg.sender);
        _;
    }

    /// @param staking_ may take backing and slash; it must name this contract
    constructor(ProviderStaking staking_) {
        if (address(staking_.delegatedStake()) != address(this)) revert Errors.Staking_Miswired();
        staking = staking_;
        token = staking_.token();
        unbondingDelay = staking_.unbondingDelay();
        // For commissions: `staking` takes nothing but what it is told to.
        token.approve(address(staking_), type(uint256).max);
    }

    // ---- delegators ----

    /// @inheritdoc IDelegatedStake
    function delegate(address owner, uint256 amount, uint256 minShares) external returns (uint256 shares) {
        _take(amount);
        Pool memory pool = _accrued(owner);
        uint256 most = MAX_LEVERAGE * staking.ownStakeOf(owner);
        uint256 backing = pool.stayingDown() + amount;
        if (backing > most) revert Errors.Staking_TooMuchDelegated(owner, backing, most);
        shares = pool.mintDown(amount);
        uint256 least = Math.max(minShares, DelegationPool.MIN_SHARES);
        if (shares < least) revert Errors.Staking_TooFewShares(shares, least);
        Position memory position = _position(owner, pool, msg.sender);
        // All positions of a generation together are the pool's shares.
        position.shares += uint128(shares);
        _save(owner, pool);
        _savePosition(owner, position);
        emit Delegated(owner, msg.sender, amount, shares);
    }

    /// @inheritdoc IDelegatedStake
    function requestUndelegate(address owner, uint256 shares) external {
        if (shares == 0) revert Errors.Staking_ZeroAmount();
        Pool memory pool = _accrued(owner);
        Position memory position = _position(owner, pool, msg.sender);
        uint256 staying = position.shares - position.exitingShares;
        if (shares > staying) revert Errors.Staking_InsufficientShares(owner, msg.sender, staying, shares);
        uint256 releasableAt = block.timestamp + unbondingDelay;
        position.exitingShares += uint128(shares);
        position.releasableAt = uint48(releasableAt);
        pool.exitingShares += uint128(shares);
        _save(owner, pool);
        _savePosition(owner, position);
        emit UndelegateRequested(owner, msg.sender, shares, releasableAt);
    }

    /// @inheritdoc IDelegatedStake
    function withdrawDelegation(address owner, address to) external returns (uint256 amount) {
        if (to == address(0)) revert Errors.Staking_ZeroRecipient();
        Pool memory pool = _accrued(owner);
        Position memory position = _position(owner, pool, msg.sender);
        uint256 shares = position.exitingShares;
        if (shares == 0) revert Errors.Staking_NothingToWithdraw(msg.sender);
        if (block.timestamp < position.releasableAt) {
            revert Errors.Staking_StillUnbonding(position.releasableAt, block.timestamp);
        }
        amount = pool.burnDown(shares);
        position.shares -= uint128(shares);
        position.exitingShares = 0;
        _save(owner, pool);
        _savePosition(owner, position);
        emit DelegationWithdrawn(owner, msg.sender, to, shares, amount);
        token.safeTransfer(to, amount);
    }

    // ---- rewards and terms ----

    /// @inheritdoc IDelegatedStake
    function addReward(address owner, uint256 amount) external {
        _take(amount);
        Pool memory pool = _accrued(owner);
        if (pool.shares == 0) revert Errors.Staking_NothingDelegated(owner);
        uint256 commission = (amount * pool.commissionBps) / BPS;
        pool.pending += uint96(amount - commission);
        _save(owner, pool);
        emit RewardAdded(owner, msg.sender, amount, commission);
        if (commission != 0) staking.stakeFor(owner, commission);
    }

    /// @inheritdoc IDelegatedStake
    function announceTerms(uint256 premiumBps, uint256 commissionBps) external {
        if (premiumBps > MAX_PREMIUM_BPS) revert Errors.Staking_TermsTooHigh(premiumBps, MAX_PREMIUM_BPS);
        if (commissionBps > MAX_COMMISSION_BPS) revert Errors.Staking_TermsTooHigh(commissionBps, MAX_COMMISSION_BPS);
        Pool memory pool = _accrued(msg.sender);
        uint256 from = pool.shares == 0 ? block.timestamp : block.timestamp + termsNotice();
        pool.nextPremiumBps = uint16(premiumBps);
        pool.nextCommissionBps = uint16(commissionBps);
        pool.termsFrom = uint48(from);
        pool.accrue();
        _save(msg.sender, pool);
        emit TermsAnnounced(msg.sender, premiumBps, commissionBps, from);
    }

    // ---- views ----

    /// @inheritdoc IDelegatedStake
    function getPool(address owner) external view returns (DelegationPoolView memory) {
        Pool memory pool = _accrued(owner);
        return
            DelegationPoolView({
                assets: pool.assets,
                backing: _backingDown(pool, staking.ownStakeOf(owner)),
                shares: pool.shares,
                exitingShares: pool.exitingShares,
                streaming: pool.streaming,
                pending: pool.pending,
                premiumBps: pool.premiumBps,
                commissionBps: pool.commissionBps,
                nextPremiumBps: pool.nextPremiumBps,
                nextCommissionBps: pool.nextCommissionBps,
                termsFrom: pool.termsFrom
            });
    }

    /// @inheritdoc IDelegatedStake
    function getDelegation(address owner, address delegator) external view returns (Delegation memory) {
        Pool memory pool = _accrued(owner);
        Position memory position = _position(owner, pool, delegator);
        return
            Delegation({
                shares: position.shares,
                exitingShares: position.exitingShares,
                value: pool.toAssetsDown(position.shares),
                releasableAt: position.releasableAt
            });
    }

    /// @inheritdoc IDelegatedStake
    function previewDelegate(address owner, uint256 amount) external view returns (uint256) {
        return _accrued(owner).toSharesDown(amount);
    }

    /// @inheritdoc IDelegatedStake
    function termsNotice() public view returns (uint256) {
        return 2 * unbondingDelay;
    }

    // ---- for the staking contract ----

    /// @inheritdoc IDelegatedStake
    function takeBacking(
        address owner,
        uint256 more,
        uint256 ownStake
    ) external onlyStaking returns (uint256 premium, uint256 backing) {
        Pool memory pool = _accrued(owner);
        premium = Math.min(Math.mulDiv(more, pool.premiumBps, BPS, Math.Rounding.Ceil), ownStake);
        backing = _backingDown(pool, ownStake - premium);
        if (premium == 0) return (premium, backing);
        pool.pending += uint96(premium);
        _save(owner, pool);
        emit PremiumPaid(owner, premium);
    }

    /// @inheritdoc IDelegatedStake
    function slash(address owner, uint256 amount) external onlyStaking returns (uint256 taken) {
        Pool memory pool = _accrued(owner);
        bool wiped;
        (taken, wiped) = pool.slash(amount);
        if (taken == 0) return 0;
        _save(owner, pool);
        emit DelegationSlashed(owner, taken, wiped);
        token.safeTransfer(msg.sender, taken);
    }

    /// @inheritdoc IDelegatedStake
    function delegatedTo(address owner) external view returns (uint256 assets, uint256 staying) {
        Pool memory pool = _accrued(owner);
        return (pool.assets, pool.stayingDown());
    }

    // ---- internals ----

    function _accrued(address owner) private view returns (Pool memory pool) {
        pool = _pools[owner];
        pool.accrue();
    }

    function _take(uint256 amount) private {
        if (amount == 0) revert Errors.Staking_ZeroAmount();
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _save(address owner, Pool memory pool) private {
        _pools[owner] = pool;
    }

    function _savePosition(address owner, Position memory position) private {
        _positions[owner][msg.sender] = position;
    }

    /// @dev A position of a generation that was wiped is empty.
    function _position(
        address owner,
        Pool memory pool,
        address delegator
    ) private view returns (Position memory position) {
        position = _positions[owner][delegator];
        if (position.generation != pool.generation) {
            position = Position({shares: 0, exitingShares: 0, releasableAt: 0, generation: pool.generation});
        }
    }

    function _backingDown(Pool memory pool, uint256 ownStake) private pure returns (uint256) {
        return Math.min(pool.stayingDown(), MAX_LEVERAGE * ownStake);
    }
}
