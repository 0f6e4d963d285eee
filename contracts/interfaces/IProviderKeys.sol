// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Keys of one provider as they are now, and what is announced to replace them.
/// @param operator signs offers, states and receipts; 0: none
/// @param nextOperator takes over at unix time `nextOperatorFrom`; both 0: nothing announced
/// @param nodeKey ed25519 identity in the DHT
/// @param nextNodeKey takes over at unix time `nextNodeKeyFrom`; both 0: nothing announced
struct ProviderKeySet {
    address operator;
    address nextOperator;
    uint256 nextOperatorFrom;
    bytes32 nodeKey;
    bytes32 nextNodeKey;
    uint256 nextNodeKeyFrom;
}

/// @title Who acts for a provider, and under which name it is found.
interface IProviderKeys {
    event ProviderRegistered(address indexed owner);
    event ProviderDeregistered(address indexed owner);
    /// @dev `from`: unix time. A later event for the same owner replaces one whose time has not come.
    event OperatorBound(address indexed owner, address indexed operator, uint256 from);
    event NodeKeySet(address indexed owner, bytes32 indexed nodeKey, uint256 from);
    event RegionsSet(address indexed owner, string[] regions);

    /// @notice Registers the caller as a provider, or renews it, with all its keys at once. The first keys hold at once;
    /// others than those that hold are announced, see `bindOperator` and `setNodeKey`.
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

    /// @notice Announces an operator that takes over after `ROTATION_DELAY`; until then the present one stays, and its
    /// offers open sessions. The present operator's own address takes an announcement back. Only the very first operator
    /// is bound at once. What a former operator signed stays the provider's: see `operatorAt`.
    function bindOperator(address operator, uint64 deadline, bytes calldata consent) external;

    /// @notice Unbinds the operator, and one that is announced, at once: offers open nothing from now on. The next
    /// operator waits for `ROTATION_DELAY` as ever. Running sessions go on with the operator they were opened with.
    function revokeOperator() external;

    /// @notice Announces a node key that takes over after `ROTATION_DELAY`; the present one takes an announcement back.
    /// @param nodeKey ed25519 public key in the DHT, not 0. Not unique on chain: the handshake proves it.
    function setNodeKey(bytes32 nodeKey) external;

    /// @param regions up to 8 paths of lower-case letters and digits in segments joined by '-', coarse to fine
    function setRegions(string[] calldata regions) external;

    function operatorOf(address owner) external view returns (address);

    /// @notice The operator at the end of the second `time`; 0: none. Never changes for a second that has passed.
    /// @param time unix time, not in the future
    function operatorAt(address owner, uint256 time) external view returns (address);

    function getKeys(address owner) external view returns (ProviderKeySet memory);

    /// @notice Next nonce of `OperatorConsent` for an owner.
    function consentNonce(address owner) external view returns (uint256);

    /// @notice Seconds between the announcement of a key and its taking over.
    function ROTATION_DELAY() external view returns (uint256);
}
