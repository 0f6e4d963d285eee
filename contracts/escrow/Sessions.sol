// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {BezierMarket} from "../BezierMarket.sol";
import {ISlaEscrow} from "../interfaces/ISlaEscrow.sol";
import {Errors} from "../libraries/Errors.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {ProviderStaking} from "../ProviderStaking.sol";
import {ServiceRegistry} from "../ServiceRegistry.sol";
import {Offer, Session, SessionParams, SessionState, SessionStatus} from "../types/SessionTypes.sol";

/// @title What the escrow keeps of its sessions, and the contracts it works with.
abstract contract Sessions is ISlaEscrow, EIP712 {
    using SessionHashes for Offer;
    using SessionHashes for SessionState;

    /// @dev Changing part of a session, one slot.
    struct Progress {
        SessionStatus status;
        uint8 flags;
        uint48 deadline;
        uint64 seq;
        uint128 collected;
    }

    BezierMarket public immutable market;
    ServiceRegistry public immutable registry;
    ProviderStaking public immutable staking;
    /// @inheritdoc ISlaEscrow
    address public immutable override court;

    mapping(bytes32 sessionId => Progress) internal progressOf;
    mapping(bytes32 sessionId => bytes32) internal stateHashes;
    mapping(address provider => mapping(uint256 word => uint256)) internal usedNonces;

    /// @dev Refuses to be deployed at another address than the others were wired to.
    constructor(
        BezierMarket market_,
        ServiceRegistry registry_,
        ProviderStaking staking_,
        address court_
    ) EIP712("deMEC", "1") {
        if (
            market_.escrow() != address(this) ||
            staking_.escrow() != address(this) ||
            market_.registry() != address(registry_) ||
            address(registry_.staking()) != address(staking_)
        ) revert Errors.Escrow_Miswired();
        market = market_;
        registry = registry_;
        staking = staking_;
        court = court_;
    }

    /// @inheritdoc ISlaEscrow
    function getSession(bytes32 sessionId) external view returns (Session memory) {
        Progress memory progress = progressOf[sessionId];
        return
            Session({
                status: progress.status,
                flags: progress.flags,
                deadline: progress.deadline,
                seq: progress.seq,
                collected: progress.collected,
                stateHash: stateHashes[sessionId]
            });
    }

    /// @inheritdoc ISlaEscrow
    function isOfferUsed(address provider, uint256 nonce) external view returns (bool) {
        return usedNonces[provider][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    /// @inheritdoc ISlaEscrow
    function offerDigest(Offer calldata offer) public view returns (bytes32) {
        return _hashTypedDataV4(offer.structHash());
    }

    /// @inheritdoc ISlaEscrow
    function stateDigest(SessionState calldata state) external view returns (bytes32) {
        return _hashTypedDataV4(state.structHash());
    }

    function _sessionId(SessionParams calldata params) internal pure returns (bytes32) {
        return SessionHashes.idOf(params);
    }

    /// @dev Zero for a malformed or malleated signature; it equals no key.
    function _recover(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        (signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
    }
}
