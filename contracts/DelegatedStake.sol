// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {DemecToken} from "./DemecToken.sol";
import {Delegation, DelegationPoolView, IDelegatedStake} from "./interfaces/IDelegatedStake.sol";
import {DelegationPool, Pool} from "./libraries/DelegationPool.sol";
import {Errors} from "./libraries/Errors.sol";

/// @title Stake that others put behind a provider.
/// @dev The stake token is the project's own: exact transfers, no callbacks. Amounts that came in fit 96 bits.
abstract contract DelegatedStake is IDelegatedStake {
    using DelegationPool for Pool;
    using SafeERC20 for DemecToken;

    uint256 public constant override MAX_LEVERAGE = 4;
    uint256 public constant MAX_PREMIUM_BPS = 1_000;
    uint256 public constant MAX_COMMISSION_BPS = 3_000;
    uint256 internal constant BPS = 10_000;

    /// @param shares of which `exitingShares` unbond; of generation `generation` of the pool
    struct Position {
        uint128 shares;
        uint128 exitingShares;
        uint48 releasableAt;
        uint32 generation;
    }

    DemecToken public immutable token;
    uint256 public immutable override unbondingDelay;

    mapping(address owner => Pool) private _pools;
    mapping(address owner => mapping(address delegator => Position)) private _positions;

    constructor(DemecToken token_, uint256 unbondingDelay_) {
        token = token_;
        unbondingDelay = unbondingDelay_;
    }

    // ---- delegators ----

    /// @inheritdoc IDelegatedStake
    function delegate(address owner, uint256 amount, uint256 minShares) external returns (uint256 shares) {
        _take(amount);
        Pool memory pool = _accrued(owner);
        uint256 most = MAX_LEVERAGE * _ownStake(owner);
        uint256 backing = pool.backingDown() + amount;
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
        _requireAmount(shares);
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
                Pool memory pool = _accrued(owner);
        Position memory position = _position(owner, pool, msg.sender);
        uint256 shares = position.exitingShares;
        _requireUnbonded(shares, position.releasableAt);
        amount = pool.burnDown(shares);
        position.shares -= uint128(shares);
        position.exitingShares = 0;
        _save(owner, pool);
        _savePosition(owner, position);
        emit DelegationWithdrawn(owner, msg.sender, to, shares, amount);
        _pay(to, amount);
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
        if (commission != 0) _addOwnStake(owner, commission);
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
                backing: _backingDown(pool, _ownStake(owner)),
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

    // ---- for the contract that holds the owners' own stake ----

    /// @dev Lets delegated stake back the part of a bond that own stake can't.
    /// @param more part of the provider's bonds that is newly backed
    /// @return premium of `more`, rounded up: moves from the owner's own stake to the pool
    /// @return backing delegated stake that counts beside the own stake that is left
    function _takeBacking(
        address owner,
        uint256 more,
        uint256 ownStake
    ) internal returns (uint256 premium, uint256 backing) {
        Pool memory pool = _accrued(owner);
        premium = Math.min(Math.mulDiv(more, pool.premiumBps, BPS, Math.Rounding.Ceil), ownStake);
        backing = _backingDown(pool, ownStake - premium);
        pool.pending += uint96(premium);
        _save(owner, pool);
        if (premium != 0) emit PremiumPaid(owner, premium);
    }

    /// @dev Takes up to `amount` out of the pool; what becomes of it is the caller's business.
    function _slashDelegated(address owner, uint256 amount) internal returns (uint256 taken) {
        Pool memory pool = _accrued(owner);
        bool wiped;
        (taken, wiped) = pool.slash(amount);
        _save(owner, pool);
        if (taken != 0) emit DelegationSlashed(owner, taken, wiped);
    }

    /// @return assets all that is delegated @return backing what of it counts beside `ownStake`
    function _delegatedTo(address owner, uint256 ownStake) internal view returns (uint256 assets, uint256 backing) {
        Pool memory pool = _accrued(owner);
        return (pool.assets, _backingDown(pool, ownStake));
    }

    /// @dev Takes stake tokens from the caller.
    function _take(uint256 amount) internal {
        _requireAmount(amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Every payment out.
    function _pay(address to, uint256 amount) internal {
        if (to == address(0)) revert Errors.Staking_ZeroRecipient();
        token.safeTransfer(to, amount);
    }

    function _requireAmount(uint256 amount) internal pure {
        if (amount == 0) revert Errors.Staking_ZeroAmount();
    }

    function _requireUnbonded(uint256 amount, uint256 releasableAt) internal view {
        if (amount == 0) revert Errors.Staking_NothingToWithdraw(msg.sender);
        if (block.timestamp < releasableAt) revert Errors.Staking_StillUnbonding(releasableAt, block.timestamp);
    }

    function _ownStake(address owner) internal view virtual returns (uint256);

    /// @dev The tokens are here already.
    function _addOwnStake(address owner, uint256 amount) internal virtual;

    // ---- internals ----

    function _accrued(address owner) private view returns (Pool memory pool) {
        pool = _pools[owner];
        pool.accrue();
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
        return Math.min(pool.backingDown(), MAX_LEVERAGE * ownStake);
    }
}
