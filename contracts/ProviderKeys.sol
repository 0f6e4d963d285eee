// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IProviderKeys, ProviderKeySet} from "./interfaces/IProviderKeys.sol";
import {Errors} from "./libraries/Errors.sol";
import {RegionPath} from "./libraries/RegionPath.sol";

/// @title Registration, operators, node keys and regions of providers.
abstract contract ProviderKeys is IProviderKeys, EIP712 {
    using Checkpoints for Checkpoints.Trace208;

    uint256 public constant MAX_REGIONS = 8;
    uint256 public constant override ROTATION_DELAY = 1 days;
    bytes32 private constant CONSENT_TYPEHASH = keccak256(
        "OperatorConsent(address owner,address operator,uint256 nonce,uint64 deadline)"
    );

    /// @param operator that held when this was written; from unix time `nextFrom`, if not 0, it is the next one
    struct Operator {
        address operator;
        bool registered;
        uint48 nextFrom;
    }

    struct NodeKey {
        bytes32 key;
        bytes32 next;
        uint256 nextFrom;
    }

    mapping(address owner => Operator) private _operators;
    mapping(address owner => address) private _nextOperators;
    /// @dev Unix time → operator from then on. The one that `_operators` announces is not in it.
    mapping(address owner => Checkpoints.Trace208) private _operatorHistory;
    mapping(address owner => uint256) public override consentNonce;
    mapping(address owner => NodeKey) private _nodeKeys;
    mapping(address owner => string[]) private _regions;

    constructor() EIP712("deMEC", "1") {}

    // ---- registration ----

    /// @inheritdoc IProviderKeys
    function register(
        address operator,
        uint64 deadline,
        bytes calldata consent,
        bytes32 nodeKey,
        string[] calldata regions
    ) external {
        if (!_operators[msg.sender].registered) {
            _operators[msg.sender].registered = true;
            emit ProviderRegistered(msg.sender);
        }
        bindOperator(operator, deadline, consent);
        setNodeKey(nodeKey);
        setRegions(regions);
    }

    /// @inheritdoc IProviderKeys
    function deregister() external {
        _requireRegistered();
        _operators[msg.sender].registered = false;
        emit ProviderDeregistered(msg.sender);
    }

    // ---- operator ----

    /// @inheritdoc IProviderKeys
    function bindOperator(address operator, uint64 deadline, bytes calldata consent) public {
        _requireRegistered();
        if (operator == address(0)) revert Errors.Staking_ZeroOperator();
        if (block.timestamp > deadline) revert Errors.Staking_DeadlinePassed(deadline, block.timestamp);
        uint256 nonce = consentNonce[msg.sender]++;
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(CONSENT_TYPEHASH, msg.sender, operator, nonce, deadline))
        );
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, consent);
        if (signer != operator) revert Errors.Staking_ForeignConsent(operator, signer);

        _settleOperator(msg.sender);
        if (_operatorHistory[msg.sender].length() == 0 || operator == _operators[msg.sender].operator) {
            _holdOperator(msg.sender, operator);
        } else {
            uint256 from = block.timestamp + ROTATION_DELAY;
            _operators[msg.sender].nextFrom = uint48(from);
            _nextOperators[msg.sender] = operator;
            emit OperatorBound(msg.sender, operator, from);
        }
    }

    /// @inheritdoc IProviderKeys
    function revokeOperator() external {
        _requireRegistered();
        _settleOperator(msg.sender);
        _holdOperator(msg.sender, address(0));
    }

    // ---- node key and regions ----

    /// @inheritdoc IProviderKeys
    function setNodeKey(bytes32 nodeKey) public {
        _requireRegistered();
        if (nodeKey == 0) revert Errors.Staking_ZeroNodeKey();
        bytes32 present = _nodeKeyOf(msg.sender);
        if (present == 0 || nodeKey == present) {
            _nodeKeys[msg.sender] = NodeKey({key: nodeKey, next: 0, nextFrom: 0});
            emit NodeKeySet(msg.sender, nodeKey, block.timestamp);
        } else {
            uint256 from = block.timestamp + ROTATION_DELAY;
            _nodeKeys[msg.sender] = NodeKey({key: present, next: nodeKey, nextFrom: from});
            emit NodeKeySet(msg.sender, nodeKey, from);
        }
    }

    /// @inheritdoc IProviderKeys
    function setRegions(string[] calldata regions) public {
        _requireRegistered();
        if (regions.length > MAX_REGIONS) revert Errors.Staking_TooManyRegions(regions.length, MAX_REGIONS);
        delete _regions[msg.sender];
        for (uint256 i = 0; i < regions.length; ++i) {
            if (!RegionPath.isValid(regions[i])) revert Errors.Staking_BadRegion(regions[i]);
            _regions[msg.sender].push(regions[i]);
        }
        emit RegionsSet(msg.sender, regions);
    }

    // ---- views ----

    /// @inheritdoc IProviderKeys
    function operatorOf(address owner) public view returns (address) {
        (, address operator) = _registration(owner);
        return operator;
    }

    /// @inheritdoc IProviderKeys
    function operatorAt(address owner, uint256 time) external view returns (address) {
        if (time > block.timestamp) revert Errors.Staking_FutureTime(time, block.timestamp);
        uint256 nextFrom = _operators[owner].nextFrom;
        if (nextFrom != 0 && nextFrom <= time) return _nextOperators[owner];
        return address(uint160(_operatorHistory[owner].upperLookup(uint48(time))));
    }

    /// @inheritdoc IProviderKeys
    function getKeys(address owner) external view returns (ProviderKeySet memory keys) {
        keys.operator = operatorOf(owner);
        uint256 from = _operators[owner].nextFrom;
        if (from > block.timestamp) (keys.nextOperator, keys.nextOperatorFrom) = (_nextOperators[owner], from);
        keys.nodeKey = _nodeKeyOf(owner);
        from = _nodeKeys[owner].nextFrom;
        if (from > block.timestamp) (keys.nextNodeKey, keys.nextNodeKeyFrom) = (_nodeKeys[owner].next, from);
    }

    // ---- internals ----

    /// @dev One storage read, but after an announced operator has taken over unnoticed.
    function _registration(address owner) internal view returns (bool registered, address operator) {
        Operator memory held = _operators[owner];
        bool takenOver = held.nextFrom != 0 && block.timestamp >= held.nextFrom;
        return (held.registered, takenOver ? _nextOperators[owner] : held.operator);
    }

    function _nodeKeyOf(address owner) internal view returns (bytes32) {
        NodeKey storage held = _nodeKeys[owner];
        return held.nextFrom != 0 && block.timestamp >= held.nextFrom ? held.next : held.key;
    }

    function _regionsOf(address owner) internal view returns (string[] memory) {
        return _regions[owner];
    }

    /// @dev Writes down that an announced operator has taken over.
    function _settleOperator(address owner) private {
        Operator storage held = _operators[owner];
        uint48 from = held.nextFrom;
        if (from == 0 || block.timestamp < from) return;
        address operator = _nextOperators[owner];
        (held.operator, held.nextFrom) = (operator, 0);
        _operatorHistory[owner].push(from, uint160(operator));
    }

    /// @dev From now on, and whatever was announced is taken back.
    function _holdOperator(address owner, address operator) private {
        Operator storage held = _operators[owner];
        (held.operator, held.nextFrom) = (operator, 0);
        if (_operatorHistory[owner].latest() != uint160(operator)) {
            _operatorHistory[owner].push(uint48(block.timestamp), uint160(operator));
        }
        emit OperatorBound(owner, operator, block.timestamp);
    }

    function _requireRegistered() private view {
        if (!_operators[msg.sender].registered) revert Errors.Staking_NotRegistered(msg.sender);
    }
}
