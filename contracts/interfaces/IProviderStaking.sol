// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What is known of one provider. Amounts are stake-token base units.
/// @param staked stake that is not unbonding, locked bonds included
/// @param bonded part of `staked` that is locked behind sessions
/// @param unbonding stake on its way out, still slashable
/// @param releasableAt unix time from which `unbonding` can be withdrawn
/// @param active registered, with an operator and at least the minimum stake: may open sessions
struct Provider {
    address operator;
    bytes32 nodeKey;
    string[] regions;
    uint256 staked;
    uint256 bonded;
    uint256 unbonding;
    uint256 releasableAt;
    bool registered;
    bool active;
}

/// @title Stake, bonds and keys of providers.
interface IProviderStaking {
    event Staked(address indexed owner, uint256 amount);
    event UnstakeRequested(address indexed owner, uint256 amount, uint256 releasableAt);
    event StakeWithdrawn(address indexed owner, address indexed to, uint256 amount);
    event ProviderRegistered(address indexed owner);
    event ProviderDeregistered(address indexed owner);
    event OperatorBound(address indexed owner, address indexed operator);
    event NodeKeySet(address indexed owner, bytes32 indexed nodeKey);
    event RegionsSet(address indexed owner, string[] regions);
    event CompensationGranted(
        bytes32 indexed sessionId,
        address indexed provider,
        address indexed buyer,
        uint256 amount,
        uint256 releasableAt
    );
    event CompensationPaid(bytes32 indexed sessionId, address indexed buyer, address to, uint256 amount);
    event Slashed(address indexed owner, address indexed reporter, uint256 taken, uint256 reward, uint256 missing);
    event RewardWithdrawn(address indexed reporter, address to, uint256 amount);

    /// @notice Adds to the caller's own stake (needs an ERC-20 allowance).
    function stake(uint256 amount) external;

    /// @notice Starts to unbond free stake. A further request adds to the first and starts the delay anew for all of it.
    function requestUnstake(uint256 amount) external;

    /// @notice Pays out what has unbonded.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice Registers the caller as a provider, or renews it, with all its keys at once.
    /// @param consent operator's EIP-712 `OperatorConsent` for the caller's current nonce
    function register(
        address operator,
        uint64 deadline,
        bytes calldata consent,
        bytes32 nodeKey,
        string[] calldata regions
    ) external;

    /// @notice Ends new sessions of the caller; running ones, stake and bonds go on.
    function deregister() external;

    /// @notice Binds another operator; the former one's offers open nothing from now on.
    function bindOperator(address operator, uint64 deadline, bytes calldata consent) external;

    /// @notice Unbinds the operator at once; its offers open nothing from now on.
    function revokeOperator() external;

    /// @param nodeKey ed25519 public key in the DHT, not 0. Not unique on chain: the handshake proves it.
    function setNodeKey(bytes32 nodeKey) external;

    /// @param regions up to 8 paths of lower-case letters and digits in segments joined by '-', coarse to fine
    function setRegions(string[] calldata regions) external;

    /// @notice Locks part of a provider's free stake behind a session. Escrow only. Reverts unless the provider is active.
    /// @return operator the provider's operator
    function lockBond(address provider, uint256 bond) external returns (address operator);

    /// @notice Unlocks a bond; it is stake again, never liquid. `penalty` of it becomes the buyer's, after the unbonding
    /// delay and slashable like the provider's stake until then. Escrow only.
    function releaseBond(bytes32 sessionId, address provider, uint256 bond, uint256 penalty, address buyer) external;

    /// @notice Takes stake for a proven fault: burns it but for a small reward to the reporter. Takes free stake first,
    /// then unbonding; what is missing is taken from whatever becomes free later. Escrow only.
    function slash(address provider, uint256 amount, address reporter) external returns (uint256 taken);

    /// @notice Pays the buyer of a session its compensation once the unbonding delay is over.
    function claimCompensation(bytes32 sessionId, address to) external returns (uint256 amount);

    /// @notice Pays a reporter its rewards.
    function withdrawReward(address to) external returns (uint256 amount);

    function getProvider(address owner) external view returns (Provider memory);

    function isActive(address owner) external view returns (bool);

    function operatorOf(address owner) external view returns (address);

    /// @notice Next nonce of `OperatorConsent` for an owner.
    function consentNonce(address owner) external view returns (uint256);

    function minStake() external view returns (uint256);

    function unbondingDelay() external view returns (uint256);
}
