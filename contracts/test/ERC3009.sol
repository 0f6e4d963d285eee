// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC3009} from "../interfaces/IERC3009.sol";

/// @title Signed transfers that only the recipient can bring (ERC-3009), for test money.
abstract contract ERC3009 is IERC3009, ERC20, EIP712 {
    bytes32 private constant TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    error ERC3009_ForeignCaller(address to, address caller);
    error ERC3009_OutsideValidity(uint256 validAfter, uint256 validBefore, uint256 time);
    error ERC3009_Used(address from, bytes32 nonce);
    error ERC3009_ForeignSigner(address expected, address actual);

    mapping(address authorizer => mapping(bytes32 nonce => bool)) public authorizationState;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (to != msg.sender) revert ERC3009_ForeignCaller(to, msg.sender);
        if (block.timestamp <= validAfter || block.timestamp >= validBefore) {
            revert ERC3009_OutsideValidity(validAfter, validBefore, block.timestamp);
        }
        if (authorizationState[from][nonce]) revert ERC3009_Used(from, nonce);
        authorizationState[from][nonce] = true;
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(TYPEHASH, from, to, value, validAfter, validBefore, nonce))
        );
        (address signer, , ) = ECDSA.tryRecover(digest, v, r, s);
        if (signer != from) revert ERC3009_ForeignSigner(from, signer);
        _transfer(from, to, value);
    }
}
