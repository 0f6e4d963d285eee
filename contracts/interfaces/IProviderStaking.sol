// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProviderKeys} from "./IProviderKeys.sol";

/// @notice What is known of one provider. Amounts are stake-token base units.
/// @param operator that holds now, and so with `nodeKey`; `getKeys` has what is announced
/// @param staked own stake that is not unbonding, locked bonds included
/// @param bonded locked behind sessions: own stake first, the rest is delegated
/// @param unbonding own stake on its way out, still slashable
/// @param releasableAt unix time from which `unbonding` can be withdrawn
/// @param delegated stake of others, on its way out or not
/// @param free greatest bond that a session without a bond penalty could lock, premium apart
/// @param active registered, with an operator, the minimum of own stake and no debt: may open sessions
struct Provider {
    address operator;
    bytes32 nodeKey;
    string[] regions;
    uint256 staked;
    uint256 bonded;
    uint256 unbonding;
    uint256 releasableAt;
    uint256 delegated;
    uint256 free;
    bool registered;
    bool active;
}

/// @title Stake, bonds, slashing and keys of providers.
interface IProviderStaking is IProviderKeys {
    event Staked(address indexed owner, uint256 amount);
    event UnstakeRequested(address indexed owner, uint256 amount, uint256 releasableAt);
    event StakeWithdrawn(address indexed owner, address indexed to, uint256 amount);
    event CompensationGranted(
        bytes32 indexed sessionId,
        address indexed provider,
        address indexed buyer,
        uint256 amount,
        uint256 releasableAt
    );
    event CompensationPaid(bytes32 indexed sessionId, address indexed buyer, address to, uint256 amount);
    /// @dev Also when a debt of earlier slashes is collected: `taken` of it, and `missing` is what is left of it.
    event Slashed(address indexed owner, address indexed reporter, uint256 taken, uint256 reward, uint256 missing);
    event RewardWithdrawn(address indexed reporter, address to, uint256 amount);

    /// @notice Adds to the caller's own stake (needs an ERC-20 allowance).
    function stake(uint256 amount) external;

    /// @notice Adds to the own stake of `owner`; the caller pays, and gets nothing for it.
    function stakeFor(address owner, uint256 amount) external;

    /// @notice Starts to unbond own stake that no bond needs; delegated stake never stands in for it. A further request adds
    /// to the first and starts the delay anew for all of it.
    function requestUnstake(uint256 amount) external;

    /// @notice Pays out what has unbonded.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice Locks a bond behind a session: own stake first, then delegated stake, whose premium the own stake pays.
    /// Own stake alone must cover what all open sessions could still cost in penalties. Escrow only. Reverts unless the
    /// provider is active.
    /// @param penaltyBps greatest part of the bond that `releaseBond` can take as a penalty
    /// @return operator the provider's operator
    function lockBond(address provider, uint256 bond, uint256 penaltyBps) external returns (address operator);

    /// @notice Unlocks a bond; it is stake again, never liquid. `penalty` of the owner's own stake becomes the buyer's, after
    /// the unbonding delay and slashable like the provider's stake until then. Escrow only.
    /// @param penaltyBps as it was locked with
    /// @param penalty at most `penaltyBps` of `bond`, rounded up
    function releaseBond(
        bytes32 sessionId,
        address provider,
        uint256 bond,
        uint256 penaltyBps,
        uint256 penalty,
        address buyer
    ) external;

    /// @notice Takes stake for a proven fault and burns it, but for a small reward to the reporter out of what the owner
    /// loses. All that is the owner's comes first: stake, what unbonds, compensations that are not paid out yet.
    /// Delegators pay, all alike, what exceeds that, up to `liabilityOf`. What bonds of open sessions hold, or what is not
    /// there, becomes the owner's debt, taken from whatever becomes free later, with the reward to the latest reporter. Escrow
    /// only.
    /// @return taken now, from owner and delegators
    function slash(address provider, uint256 amount, address reporter) external returns (uint256 taken);

    /// @notice Pays the buyer of a session its compensation once the unbonding delay is over.
    function claimCompensation(bytes32 sessionId, address to) external returns (uint256 amount);

    /// @notice Pays a reporter its rewards.
    function withdrawReward(address to) external returns (uint256 amount);

    function getProvider(address owner) external view returns (Provider memory);

    /// @notice Own stake that is not unbonding.
    function ownStakeOf(address owner) external view returns (uint256);

    /// @notice Of the owner's former stake, granted to buyers and not paid out yet: slashable until it is.
    function compensationsOf(address owner) external view returns (uint256);

    /// @notice What a reporter has earned by slashes and not withdrawn.
    function rewardsOf(address reporter) external view returns (uint256);

    /// @notice Most that delegators can lose to slashes now: what locked bonds exceed the own stake by, or did when a bond was
    /// unlocked in the last `unbondingDelay` seconds.
    function liabilityOf(address owner) external view returns (uint256);

    function isActive(address owner) external view returns (bool);

    function minStake() external view returns (uint256);

    function unbondingDelay() external view returns (uint256);
}
