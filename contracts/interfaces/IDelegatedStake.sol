// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What others have put behind one provider. Amounts are stake-token base units.
/// @param assets stake of all shares, those on their way out included
/// @param backing part of it that can back new bonds: not on its way out, within the leverage on the owner's own stake
/// @param streaming rewards that vest in the running period
/// @param pending rewards that vest in the next period
/// @param premiumBps of the part of a bond that delegated stake backs; paid by the owner's own stake when it is locked
/// @param commissionBps of what others reward the pool with; becomes the owner's own stake
/// @param termsFrom unix time from which the two `next…` replace them; 0: nothing announced
struct DelegationPoolView {
    uint256 assets;
    uint256 backing;
    uint256 shares;
    uint256 exitingShares;
    uint256 streaming;
    uint256 pending;
    uint256 premiumBps;
    uint256 commissionBps;
    uint256 nextPremiumBps;
    uint256 nextCommissionBps;
    uint256 termsFrom;
}

/// @notice One delegator's part of one pool.
/// @param value stake-token base units that all its shares are worth now, rounded down
/// @param releasableAt unix time from which `exitingShares` can be withdrawn
struct Delegation {
    uint256 shares;
    uint256 exitingShares;
    uint256 value;
    uint256 releasableAt;
}

/// @title Stake that others put behind a provider: it backs bonds, earns rewards and is slashed, all by shares.
interface IDelegatedStake {
    event Delegated(address indexed owner, address indexed delegator, uint256 amount, uint256 shares);
    event UndelegateRequested(address indexed owner, address indexed delegator, uint256 shares, uint256 releasableAt);
    event DelegationWithdrawn(
        address indexed owner,
        address indexed delegator,
        address to,
        uint256 shares,
        uint256 amount
    );
    event RewardAdded(address indexed owner, address indexed from, uint256 amount, uint256 commission);
    event PremiumPaid(address indexed owner, uint256 amount);
    event TermsAnnounced(address indexed owner, uint256 premiumBps, uint256 commissionBps, uint256 from);
    event DelegationSlashed(address indexed owner, uint256 amount, bool wiped);

    /// @notice Puts stake tokens of the caller behind `owner` (needs an ERC-20 allowance).
    /// @param minShares least shares to get for it; `previewDelegate` tells what it would be now
    /// @return shares rounded down
    function delegate(address owner, uint256 amount, uint256 minShares) external returns (uint256 shares);

    /// @notice Starts to unbond shares. They back no new bond from now on, and are slashed and rewarded like all others until
    /// they are withdrawn. A further request starts the delay anew for all of the caller's.
    function requestUndelegate(address owner, uint256 shares) external;

    /// @notice Pays out what the caller's unbonded shares are worth now. Nobody can hold it up.
    /// @return amount rounded down
    function withdrawDelegation(address owner, address to) external returns (uint256 amount);

    /// @notice Rewards those behind `owner`, whoever they are then, over the next period (needs an ERC-20 allowance).
    function addReward(address owner, uint256 amount) external;

    /// @notice Announces what the caller's pool pays and keeps: it holds after `termsNotice`, at once while nobody delegates.
    /// @param premiumBps at most `MAX_PREMIUM_BPS` @param commissionBps at most `MAX_COMMISSION_BPS`
    function announceTerms(uint256 premiumBps, uint256 commissionBps) external;

    /// @notice Lets delegated stake back the part of a bond that own stake can't. Staking contract only, which sends the premium.
    /// @param more part of the provider's bonds that is newly backed
    /// @param ownStake what the premium is taken from
    /// @return premium of `more`, rounded up, at most `ownStake`
    /// @return backing delegated stake that counts beside the own stake that is left
    function takeBacking(
        address owner,
        uint256 more,
        uint256 ownStake
    ) external returns (uint256 premium, uint256 backing);

    /// @notice Takes `amount`, or all there is, from all shares alike, those that unbond included. Staking contract only.
    function slash(address owner, uint256 amount) external returns (uint256 taken);

    /// @return assets all that is delegated @return staying what of it is not on its way out
    function delegatedTo(address owner) external view returns (uint256 assets, uint256 staying);

    function getPool(address owner) external view returns (DelegationPoolView memory);

    function getDelegation(address owner, address delegator) external view returns (Delegation memory);

    function previewDelegate(address owner, uint256 amount) external view returns (uint256 shares);

    /// @notice Delegated stake counts up to this many times the owner's own stake.
    function MAX_LEVERAGE() external view returns (uint256);

    /// @notice Seconds: twice the unbonding delay, so that who leaves in the first half is out before new terms hold.
    function termsNotice() external view returns (uint256);

    function unbondingDelay() external view returns (uint256);
}
