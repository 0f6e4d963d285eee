// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {DemecToken} from "./DemecToken.sol";
import {IProviderStaking, Provider} from "./interfaces/IProviderStaking.sol";
import {Errors} from "./libraries/Errors.sol";
import {RegionPath} from "./libraries/RegionPath.sol";

/// @title Stake, bonds and keys of providers.
/// @dev The stake token is the project's own: exact transfers, no callbacks.
contract ProviderStaking is IProviderStaking, EIP712 {
    using SafeERC20 for DemecToken;
    using SafeCast for uint256;

    uint256 public constant MAX_REGIONS = 8;
    /// @notice Reporter's share of what a slash takes: too little to make framing pay.
    uint256 public constant SLASH_REWARD_BPS = 500;
    uint256 private constant BPS = 10_000;
    bytes32 private constant CONSENT_TYPEHASH = keccak256(
        "OperatorConsent(address owner,address operator,uint256 nonce,uint64 deadline)"
    );

    /// @dev bonded ≤ staked. `indebted`: `_missing` is not 0.
    struct Stake {
        uint120 staked;
        uint120 bonded;
        bool indebted;
    }

    struct Exit {
        uint128 amount;
        uint64 releasableAt;
    }

    struct Keys {
        address operator;
        bool registered;
    }

    struct Compensation {
        address provider;
        uint64 releasableAt;
        address buyer;
        uint120 amount;
    }

    DemecToken public immutable token;
    address public immutable escrow;
    uint256 public immutable override minStake;
    uint256 public immutable override unbondingDelay;

    mapping(address owner => Stake) private _stakes;
    mapping(address owner => Exit) private _exits;
    mapping(address owner => Keys) private _keys;
    mapping(address owner => uint256) public override consentNonce;
    mapping(address owner => bytes32) private _nodeKeys;
    mapping(address owner => string[]) private _regions;
    /// @dev What slashes could not find; taken from whatever becomes free later.
    mapping(address owner => uint256) private _missing;
    mapping(bytes32 sessionId => Compensation) private _compensations;
    mapping(address reporter => uint256) private _rewards;

    modifier onlyEscrow() {
        _onlyEscrow();
        _;
    }

    /// @param escrow_ the only account that locks, releases and slashes
    /// @param minStake_ least stake of an active provider, stake-token base units
    /// @param unbondingDelay_ seconds
    constructor(DemecToken token_, address escrow_, uint256 minStake_, uint256 unbondingDelay_) EIP712("deMEC", "1") {
        token = token_;
        escrow = escrow_;
        minStake = minStake_;
        unbondingDelay = unbondingDelay_;
    }

    // ---- stake ----

    /// @inheritdoc IProviderStaking
    function stake(uint256 amount) external {
        if (amount == 0) revert Errors.Staking_ZeroAmount();
        token.safeTransferFrom(msg.sender, address(this), amount);
        Stake storage own = _stakes[msg.sender];
        own.staked = (own.staked + amount).toUint120();
        emit Staked(msg.sender, amount);
        if (own.indebted) _payMissing(msg.sender);
    }

    /// @inheritdoc IProviderStaking
    function requestUnstake(uint256 amount) external {
        if (amount == 0) revert Errors.Staking_ZeroAmount();
        Stake storage own = _stakes[msg.sender];
        _requireFree(own, msg.sender, amount);
        own.staked -= uint120(amount);
        Exit storage exit = _exits[msg.sender];
        uint256 releasableAt = block.timestamp + unbondingDelay;
        exit.amount += uint128(amount);
        exit.releasableAt = uint64(releasableAt);
        emit UnstakeRequested(msg.sender, amount, releasableAt);
    }

    /// @inheritdoc IProviderStaking
    function withdraw(address to) external returns (uint256 amount) {
        if (to == address(0)) revert Errors.Staking_ZeroRecipient();
        Exit storage exit = _exits[msg.sender];
        amount = exit.amount;
        if (amount == 0) revert Errors.Staking_NothingToWithdraw(msg.sender);
        if (block.timestamp < exit.releasableAt) {
            revert Errors.Staking_StillUnbonding(exit.releasableAt, block.timestamp);
        }
        exit.amount = 0;
        emit StakeWithdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    // ---- keys ----

    /// @inheritdoc IProviderStaking
    function register(
        address operator,
        uint64 deadline,
        bytes calldata consent,
        bytes32 nodeKey,
        string[] calldata regions
    ) external {
        if (!_keys[msg.sender].registered) {
            _keys[msg.sender].registered = true;
            emit ProviderRegistered(msg.sender);
        }
        bindOperator(operator, deadline, consent);
        setNodeKey(nodeKey);
        setRegions(regions);
    }

    /// @inheritdoc IProviderStaking
    function deregister() external {
        _requireRegistered();
        _keys[msg.sender].registered = false;
        emit ProviderDeregistered(msg.sender);
    }

    /// @inheritdoc IProviderStaking
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
        _keys[msg.sender].operator = operator;
        emit OperatorBound(msg.sender, operator);
    }

    /// @inheritdoc IProviderStaking
    function revokeOperator() external {
        _requireRegistered();
        _keys[msg.sender].operator = address(0);
        emit OperatorBound(msg.sender, address(0));
    }

    /// @inheritdoc IProviderStaking
    function setNodeKey(bytes32 nodeKey) public {
        _requireRegistered();
        if (nodeKey == 0) revert Errors.Staking_ZeroNodeKey();
        _nodeKeys[msg.sender] = nodeKey;
        emit NodeKeySet(msg.sender, nodeKey);
    }

    /// @inheritdoc IProviderStaking
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

    // ---- bonds ----

    /// @inheritdoc IProviderStaking
    function lockBond(address provider, uint256 bond) external onlyEscrow returns (address operator) {
        Stake storage own = _stakes[provider];
        operator = _keys[provider].operator;
        if (!_isActive(own, _keys[provider])) revert Errors.Staking_Inactive(provider);
        _requireFree(own, provider, bond);
        own.bonded += uint120(bond);
    }

    /// @inheritdoc IProviderStaking
    function releaseBond(
        bytes32 sessionId,
        address provider,
        uint256 bond,
        uint256 penalty,
        address buyer
    ) external onlyEscrow {
        Stake storage own = _stakes[provider];
        own.bonded -= uint120(bond);
        if (penalty != 0) {
            own.staked -= uint120(penalty);
            uint256 releasableAt = block.timestamp + unbondingDelay;
            _compensations[sessionId] = Compensation({
                provider: provider,
                releasableAt: uint64(releasableAt),
                buyer: buyer,
                amount: uint120(penalty)
            });
            emit CompensationGranted(sessionId, provider, buyer, penalty, releasableAt);
        }
        if (own.indebted) _payMissing(provider);
    }

    /// @inheritdoc IProviderStaking
    function claimCompensation(bytes32 sessionId, address to) external returns (uint256 amount) {
        if (to == address(0)) revert Errors.Staking_ZeroRecipient();
        Compensation memory compensation = _compensations[sessionId];
        if (compensation.buyer != msg.sender) revert Errors.Staking_NotCompensated(sessionId, msg.sender);
        if (block.timestamp < compensation.releasableAt) {
            revert Errors.Staking_StillUnbonding(compensation.releasableAt, block.timestamp);
        }
        delete _compensations[sessionId];
        // It was slashable like the provider's stake until now, or paying oneself would be a way out of a slash.
        uint256 cut = Math.min(compensation.amount, _missing[compensation.provider]);
        if (cut != 0) _burnMissing(compensation.provider, cut);
        amount = compensation.amount - cut;
        emit CompensationPaid(sessionId, msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    // ---- slashing ----

    /// @inheritdoc IProviderStaking
    function slash(address provider, uint256 amount, address reporter) external onlyEscrow returns (uint256 taken) {
        Stake storage own = _stakes[provider];
        uint256 fromStake = Math.min(amount, own.staked - own.bonded);
        uint256 fromExit = Math.min(amount - fromStake, _exits[provider].amount);
        own.staked -= uint120(fromStake);
        _exits[provider].amount -= uint128(fromExit);
        taken = fromStake + fromExit;
        uint256 missing = amount - taken;
        if (missing != 0) {
            own.indebted = true;
            _missing[provider] += missing;
        }
        uint256 reward = (taken * SLASH_REWARD_BPS) / BPS;
        _rewards[reporter] += reward;
        emit Slashed(provider, reporter, taken, reward, missing);
        token.burn(taken - reward);
    }

    /// @inheritdoc IProviderStaking
    function withdrawReward(address to) external returns (uint256 amount) {
        if (to == address(0)) revert Errors.Staking_ZeroRecipient();
        amount = _rewards[msg.sender];
        if (amount == 0) revert Errors.Staking_NothingToWithdraw(msg.sender);
        _rewards[msg.sender] = 0;
        emit RewardWithdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    // ---- views ----

    /// @inheritdoc IProviderStaking
    function getProvider(address owner) external view returns (Provider memory) {
        Stake storage own = _stakes[owner];
        Exit storage exit = _exits[owner];
        Keys storage keys = _keys[owner];
        return
            Provider({
                operator: keys.operator,
                nodeKey: _nodeKeys[owner],
                regions: _regions[owner],
                staked: own.staked,
                bonded: own.bonded,
                unbonding: exit.amount,
                releasableAt: exit.releasableAt,
                registered: keys.registered,
                active: _isActive(own, keys)
            });
    }

    /// @inheritdoc IProviderStaking
    function isActive(address owner) external view returns (bool) {
        return _isActive(_stakes[owner], _keys[owner]);
    }

    /// @inheritdoc IProviderStaking
    function operatorOf(address owner) external view returns (address) {
        return _keys[owner].operator;
    }

    // ---- internals ----

    /// @dev Covers what earlier slashes could not find with stake that is free now.
    function _payMissing(address owner) private {
        Stake storage own = _stakes[owner];
        uint256 paid = Math.min(_missing[owner], own.staked - own.bonded);
        own.staked -= uint120(paid);
        if (paid != 0) _burnMissing(owner, paid);
    }

    function _burnMissing(address owner, uint256 amount) private {
        uint256 left = _missing[owner] - amount;
        _missing[owner] = left;
        if (left == 0) _stakes[owner].indebted = false;
        emit Slashed(owner, address(0), amount, 0, left);
        token.burn(amount);
    }

    function _isActive(Stake storage own, Keys storage keys) private view returns (bool) {
        return keys.registered && keys.operator != address(0) && own.staked >= minStake && !own.indebted;
    }

    function _requireFree(Stake storage own, address owner, uint256 needed) private view {
        uint256 free = own.staked - own.bonded;
        if (free < needed) revert Errors.Staking_InsufficientFreeStake(owner, free, needed);
    }

    function _requireRegistered() private view {
        if (!_keys[msg.sender].registered) revert Errors.Staking_NotRegistered(msg.sender);
    }

    function _onlyEscrow() private view {
        if (msg.sender != escrow) revert Errors.Staking_Forbidden(msg.sender);
    }
}
