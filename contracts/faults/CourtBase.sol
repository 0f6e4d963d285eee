// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {BezierMarket} from "../BezierMarket.sol";
import {IFaultCourt} from "../interfaces/IFaultCourt.sol";
import {Errors} from "../libraries/Errors.sol";
import {ServiceRegistry} from "../ServiceRegistry.sol";
import {SlaEscrow} from "../SlaEscrow.sol";

/// @title What demands and contradictions share: the wiring and the operator's signature.
abstract contract CourtBase is IFaultCourt {
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME_HASH = keccak256("deMEC");
    bytes32 private constant VERSION_HASH = keccak256("1");

    SlaEscrow public immutable escrow;
    BezierMarket public immutable market;
    ServiceRegistry public immutable registry;

    constructor(SlaEscrow escrow_) {
        if (escrow_.court() != address(this)) revert Errors.Court_Miswired();
        escrow = escrow_;
        market = escrow_.market();
        registry = escrow_.registry();
    }

    /// @inheritdoc IFaultCourt
    function demandIdOf(bytes32 sessionId, bytes32 executionHash, uint64 nonce) public view returns (bytes32) {
        return keccak256(abi.encode(address(this), sessionId, executionHash, nonce));
    }

    /// @dev Everything about a session is signed for the escrow, whose domain this is.
    function _requireSigner(address expected, bytes32 structHash, bytes calldata signature) internal view {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(escrow))
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, structHash));
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (signer != expected) revert Errors.Court_ForeignSigner(expected, signer);
    }

    function _isMeterRetired(uint256 serviceId) internal view returns (bool) {
        (, uint16 meterVersion) = registry.codeOf(serviceId);
        return registry.isMeterVersionRetired(meterVersion);
    }
}
