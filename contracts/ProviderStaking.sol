// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {DemecToken} from "./DemecToken.sol";
import {ProviderKeys} from "./ProviderKeys.sol";
import {IDelegatedStake} from "./interfaces/IDelegatedStake.sol";
import {IProviderStaking, Provider} from "./interfaces/IProviderStaking.sol";
import {Errors} from "./libraries/Errors.sol";
import {Stake, StakeSlot} from "./types/Stake.sol";

/// @title Providers' own stake, bonds and slashing; beside their keys. `DelegatedStake` holds what others put behind them.
contract ProviderStaking is IProviderStaking, ProviderKeys {
    using SafeERC20 for DemecToken;

    /// @dev The token can't mint, so that any sum of stakes, bonds or rewards fits 96 bits, and one of shares 128.
    uint256 private constant MAX_SUPPLY = 1 << 92;
    /// @notice Reporter's share of what a slash takes from the owner: too little to make framing pay.
    uint256 public constant SLASH_REWARD_BPS = 500;
    /// @dev Unit of `Stake.penalties`, so that a whole stake fits one slot: 2⁴⁰ base units, a millionth of a token.
    uint256 private constant PENALTY_UNIT_BITS = 40;
    uint256 private constant PENALTY_UNIT_BPS = BPS << PENALTY_UNIT_BITS;
    uint256 private constant BPS = 10_000;

    /// @dev Own stake that has left, but can still be slashed. `compensations`: granted to buyers and not paid out.
    struct Leaving {
        uint96 unbonding;
        uint96 compensations;
        uint64 releasableAt;
    }

    /// @dev Most that delegated stake backed of bonds that were unlocked in the last `unbondingDelay` seconds.
    struct Liability {
        uint96 amount;
        uint64 until;
    }

    /// @dev What slashes could not find; taken from whatever becomes free later. `reporter`: of the latest of them.
    struct Debt {
        uint256 amount;
        address reporter;
    }

    struct Compensation {
        address provider;
        uint64 releasableAt;
        address buyer;
        uint96 amount;
    }

    DemecToken public immutable token;
    address public immutable escrow;
    /// @notice Holds what others delegate.
    IDelegatedStake public immutable delegatedStake;
    uint256 public immutable override minStake;
    uint256 public immutable override unbondingDelay;

    mapping(address owner => StakeSlot) private _stakes;
    mapping(address owner => Leaving) private _leaving;
    mapping(address owner => Liability) private _liabilities;
    mapping(address owner => Debt) private _debts;
    mapping(bytes32 sessionId => Compensation) private _compensations;
    mapping(address reporter => uint256) private _rewards;

    modifier onlyEscrow() {
        _onlyEscrow();
        _;
    }

    /// @param token_ the project's own: exact transfers, no callbacks, never minted again
    /// @param escrow_ the only account that locks, releases and slashes
    /// @param delegatedStake_ its constructor refuses another staking contract
    /// @param minStake_ least own stake of an active provider, stake-token base units
    /// @param unbondingDelay_ seconds
    constructor(
        DemecToken token_,
        address escrow_,
        IDelegatedStake delegatedStake_,
        uint256 minStake_,
        uint256 unbondingDelay_
    ) {
        uint256 supply = token_.totalSupply();
        if (supply > MAX_SUPPLY) revert Errors.Staking_SupplyTooLarge(supply, MAX_SUPPLY);
        token = token_;
        escrow = escrow_;
        delegatedStake = delegatedStake_;
        minStake = minStake_;
        unbondingDelay = unbondingDelay_;
    }

    // ---- own stake ----

    /// @inheritdoc IProviderStaking
    function stake(uint256 amount) external {
        stakeFor(msg.sender, amount);
    }

    /// @inheritdoc IProviderStaking
    function stakeFor(address owner, uint256 amount) public {
        if (amount == 0) revert Errors.Staking_ZeroAmount();
        token.safeTransferFrom(msg.sender, address(this), amount);
        Stake memory own = _stakes[owner].load();
        own.staked += amount;
        _stakes[owner].store(own);
        emit Staked(owner, amount);
        if (own.indebted) _payDebt(owner);
    }

    /// @inheritdoc IProviderStaking
    function requestUnstake(uint256 amount) external {
        if (amount == 0) revert Errors.Staking_ZeroAmount();
        Stake memory own = _stakes[msg.sender].load();
        uint256 free = Math.saturatingSub(own.staked, own.bonded);
        if (amount > free) revert Errors.Staking_InsufficientFreeStake(msg.sender, free, amount);
        own.staked -= amount;
        _stakes[msg.sender].store(own);
        uint256 releasableAt = block.timestamp + unbondingDelay;
        Leaving storage leaving = _leaving[msg.sender];
        leaving.unbonding += uint96(amount);
        leaving.releasableAt = uint64(releasableAt);
        emit UnstakeRequested(msg.sender, amount, releasableAt);
    }

    /// @inheritdoc IProviderStaking
    function withdraw(address to) external returns (uint256 amount) {
        _requireRecipient(to);
        Leaving storage leaving = _leaving[msg.sender];
        amount = leaving.unbonding;
        _requireDue(amount, leaving.releasableAt);
        leaving.unbonding = 0;
        emit StakeWithdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    // ---- bonds ----

    /// @inheritdoc IProviderStaking
    function lockBond(
        address provider,
        uint256 bond,
        uint256 penaltyBps
    ) external onlyEscrow returns (address operator) {
        Stake memory own = _stakes[provider].load();
        bool registered;
        (registered, operator) = _registration(provider);
        if (!_isActive(own, registered, operator)) revert Errors.Staking_Inactive(provider);
        uint256 bonded = own.bonded + bond;
        own.penalties += _penaltyUnitsUp(bond, penaltyBps);
        if (bonded > own.staked) _backBond(provider, own, bonded);
        own.bonded = bonded;
        _stakes[provider].store(own);
    }

    /// @inheritdoc IProviderStaking
    function releaseBond(
        bytes32 sessionId,
        address provider,
        uint256 bond,
        uint256 penaltyBps,
        uint256 penalty,
        address buyer
    ) external onlyEscrow {
        (bool debtOrBacked, uint256 backed) = _stakes[provider].release(
            bond,
            _penaltyUnitsUp(bond, penaltyBps),
            penalty
        );
        if (penalty != 0) _compensate(sessionId, provider, penalty, buyer);
        if (debtOrBacked) {
            if (backed != 0) _keepLiable(provider, backed);
            _payDebt(provider);
        }
    }

    /// @inheritdoc IProviderStaking
    function claimCompensation(bytes32 sessionId, address to) external returns (uint256 amount) {
        _requireRecipient(to);
        Compensation memory compensation = _compensations[sessionId];
        if (compensation.buyer != msg.sender) revert Errors.Staking_NotCompensated(sessionId, msg.sender);
        _requireDue(compensation.amount, compensation.releasableAt);
        delete _compensations[sessionId];
        _leaving[compensation.provider].compensations -= compensation.amount;
        // It was slashable like the provider's stake until now, or paying oneself would be a way out of a slash.
        uint256 cut = Math.min(compensation.amount, _debts[compensation.provider].amount);
        if (cut != 0) _collect(compensation.provider, cut);
        amount = compensation.amount - cut;
        emit CompensationPaid(sessionId, msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    // ---- slashing ----

    /// @inheritdoc IProviderStaking
    function slash(address provider, uint256 amount, address reporter) external onlyEscrow returns (uint256 taken) {
        Stake memory own = _stakes[provider].load();
        (uint256 fromOwner, uint256 fromDelegators) = _take(provider, own, amount);
        taken = fromOwner + fromDelegators;
        uint256 missing = amount - taken;
        if (missing != 0) {
            own.indebted = true;
            Debt storage debt = _debts[provider];
            (debt.amount, debt.reporter) = (debt.amount + missing, reporter);
        }
        _stakes[provider].store(own);
        _burn(provider, reporter, taken, fromOwner, missing);
    }

    /// @inheritdoc IProviderStaking
    function withdrawReward(address to) external returns (uint256 amount) {
        _requireRecipient(to);
        amount = _rewards[msg.sender];
        _requireDue(amount, 0);
        _rewards[msg.sender] = 0;
        emit RewardWithdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    // ---- views ----

    /// @inheritdoc IProviderStaking
    function getProvider(address owner) external view returns (Provider memory provider) {
        Stake memory own = _stakes[owner].load();
        (provider.registered, provider.operator) = _registration(owner);
        provider.nodeKey = _nodeKeyOf(owner);
        provider.regions = _regionsOf(owner);
        provider.staked = own.staked;
        provider.bonded = own.bonded;
        provider.unbonding = _leaving[owner].unbonding;
        provider.releasableAt = _leaving[owner].releasableAt;
        uint256 staying;
        (provider.delegated, staying) = delegatedStake.delegatedTo(owner);
        uint256 backing = Math.min(staying, delegatedStake.MAX_LEVERAGE() * own.staked);
        provider.free = Math.saturatingSub(own.staked + backing, own.bonded);
        provider.active = _isActive(own, provider.registered, provider.operator);
    }

    /// @inheritdoc IProviderStaking
    function ownStakeOf(address owner) external view returns (uint256) {
        return _stakes[owner].load().staked;
    }

    /// @inheritdoc IProviderStaking
    function compensationsOf(address owner) external view returns (uint256) {
        return _leaving[owner].compensations;
    }

    /// @inheritdoc IProviderStaking
    function rewardsOf(address reporter) external view returns (uint256) {
        return _rewards[reporter];
    }

    /// @inheritdoc IProviderStaking
    function liabilityOf(address owner) external view returns (uint256) {
        return _liabilityOf(owner, _stakes[owner].load());
    }

    /// @inheritdoc IProviderStaking
    function isActive(address owner) external view returns (bool) {
        (bool registered, address operator) = _registration(owner);
        return _isActive(_stakes[owner].load(), registered, operator);
    }

    // ---- internals ----

    /// @dev Backs with delegated stake what bonds exceed the own stake by. The premium is for what this bond adds to it.
    function _backBond(address provider, Stake memory own, uint256 bonded) private {
        uint256 more = bonded - Math.max(own.staked, own.bonded);
        (uint256 premium, uint256 backing) = delegatedStake.takeBacking(provider, more, own.staked);
        own.staked -= premium;
        uint256 room = own.staked + backing;
        if (bonded > room) {
            uint256 free = Math.saturatingSub(room, own.bonded);
            revert Errors.Staking_InsufficientFreeStake(provider, free, bonded - own.bonded);
        }
        uint256 penalties = own.penalties << PENALTY_UNIT_BITS;
        if (penalties > own.staked) revert Errors.Staking_PenaltiesUncovered(provider, own.staked, penalties);
        if (premium != 0) token.safeTransfer(address(delegatedStake), premium);
    }

    function _compensate(bytes32 sessionId, address provider, uint256 penalty, address buyer) private {
        _leaving[provider].compensations += uint96(penalty);
        uint256 releasableAt = block.timestamp + unbondingDelay;
        _compensations[sessionId] = Compensation({
            provider: provider,
            releasableAt: uint64(releasableAt),
            buyer: buyer,
            amount: uint96(penalty)
        });
        emit CompensationGranted(sessionId, provider, buyer, penalty, releasableAt);
    }

    /// @dev Unlocking a bond ends nobody's liability for it before the unbonding delay.
    function _keepLiable(address provider, uint256 backed) private {
        Liability memory liability = _liabilities[provider];
        uint256 amount = block.timestamp < liability.until ? Math.max(liability.amount, backed) : backed;
        _liabilities[provider] = Liability({amount: uint96(amount), until: uint64(block.timestamp + unbondingDelay)});
    }

    function _liabilityOf(address provider, Stake memory own) private view returns (uint256 backed) {
        backed = Math.saturatingSub(own.bonded, own.staked);
        Liability memory liability = _liabilities[provider];
        if (block.timestamp < liability.until) backed = Math.max(backed, liability.amount);
    }

    /// @dev Takes what a slash finds now: of the owner's, but for what bonds of open sessions hold and compensations; then of
    /// the delegators'. `own` is changed, not stored.
    function _take(
        address provider,
        Stake memory own,
        uint256 amount
    ) private returns (uint256 fromOwner, uint256 fromDelegators) {
        Leaving memory leaving = _leaving[provider];
        uint256 owners = own.staked + leaving.unbonding + leaving.compensations;
        uint256 owing = Math.min(amount, Math.saturatingSub(owners, _debts[provider].amount));
        // Nothing of what delegators lose pays anybody: a provider whose own stake is gone can't profit from theirs.
        fromDelegators = Math.min(amount - owing, _liabilityOf(provider, own));
        fromOwner = Math.min(owing, own.staked - _heldByBonds(provider, own));
        uint256 fromUnbonding = Math.min(owing - fromOwner, leaving.unbonding);
        own.staked -= fromOwner;
        fromOwner += fromUnbonding;
        _leaving[provider].unbonding = uint96(leaving.unbonding - fromUnbonding);
        fromDelegators = delegatedStake.slash(provider, fromDelegators);
    }

    /// @dev Own stake that a slash leaves to the bonds of open sessions: what delegated stake doesn't back, and what their
    /// penalties may need. The slash gets it when they end.
    function _heldByBonds(address provider, Stake memory own) private view returns (uint256) {
        (, uint256 staying) = delegatedStake.delegatedTo(provider);
        uint256 unbacked = Math.saturatingSub(own.bonded, staying);
        uint256 penalties = Math.min(own.bonded, own.penalties << PENALTY_UNIT_BITS);
        return Math.min(own.staked, Math.max(unbacked, penalties));
    }

    /// @dev bond · penaltyBps / 10⁴ in units, rounded up. Unchecked: the escrow's bonds are below 2²⁰⁰.
    function _penaltyUnitsUp(uint256 bond, uint256 penaltyBps) private pure returns (uint256) {
        unchecked {
            return (bond * penaltyBps + PENALTY_UNIT_BPS - 1) / PENALTY_UNIT_BPS;
        }
    }

    /// @dev Covers what earlier slashes could not find with stake that is free now.
    function _payDebt(address owner) private {
        Stake memory own = _stakes[owner].load();
        uint256 paid = Math.min(_debts[owner].amount, Math.saturatingSub(own.staked, own.bonded));
        if (paid == 0) return;
        own.staked -= paid;
        _stakes[owner].store(own);
        _collect(owner, paid);
    }

    /// @dev `amount` of the owner's has left the accounts for its debt.
    function _collect(address owner, uint256 amount) private {
        uint256 left = _debts[owner].amount - amount;
        _debts[owner].amount = left;
        if (left == 0) {
            Stake memory own = _stakes[owner].load();
            own.indebted = false;
            _stakes[owner].store(own);
        }
        _burn(owner, _debts[owner].reporter, amount, amount, left);
    }

    /// @dev Burns what is taken but for the reward, which is a share of what the owner loses, rounded down.
    function _burn(address owner, address reporter, uint256 taken, uint256 fromOwner, uint256 missing) private {
        uint256 reward = (fromOwner * SLASH_REWARD_BPS) / BPS;
        _rewards[reporter] += reward;
        emit Slashed(owner, reporter, taken, reward, missing);
        token.burn(taken - reward);
    }

    function _isActive(Stake memory own, bool registered, address operator) private view returns (bool) {
        return registered && operator != address(0) && own.staked >= minStake && !own.indebted;
    }

    function _requireRecipient(address to) private pure {
        if (to == address(0)) revert Errors.Staking_ZeroRecipient();
    }

    function _requireDue(uint256 amount, uint256 releasableAt) private view {
        if (amount == 0) revert Errors.Staking_NothingToWithdraw(msg.sender);
        if (block.timestamp < releasableAt) revert Errors.Staking_StillUnbonding(releasableAt, block.timestamp);
    }

    function _onlyEscrow() private view {
        if (msg.sender != escrow) revert Errors.Staking_Forbidden(msg.sender);
    }
}
