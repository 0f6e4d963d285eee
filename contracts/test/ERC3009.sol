// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC3009} from "../interfaces/IERC3009.sol";

/// @title Signed transfers (ERC-3009) for test money: those that anyone may bring, and those that only the recipient can.
abstract contract ERC3009 is IERC3009, ERC20, EIP712 {
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    error ERC3009_ForeignCaller(address to, address caller);
    error ERC3009_OutsideValidity(uint256 validAfter, uint256 validBefore, uint256 time);
    error ERC3009_Used(address from, bytes32 nonce);
    error ERC3009_ForeignSigner(address expected, address actual);

    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);

    mapping(address authorizer => mapping(bytes32 nonce => bool)) public authorizationState;

    modifier within(uint256 validAfter, uint256 validBefore) {
        if (block.timestamp <= validAfter || block.timestamp >= validBefore) {
            revert ERC3009_OutsideValidity(validAfter, validBefore, block.timestamp);
        }
        _;
    }

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external within(validAfter, validBefore) {
        bytes32 intent = keccak256(abi.encode(TRANSFER_TYPEHASH, from, to, value, validAfter, validBefore, nonce));
        _useAuthorization(from, nonce, intent, v, r, s);
        _transfer(from, to, value);
    }

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
    ) external within(validAfter, validBefore) {
        if (to != msg.sender) revert ERC3009_ForeignCaller(to, msg.sender);
        bytes32 intent = keccak256(abi.encode(RECEIVE_TYPEHASH, from, to, value, validAfter, validBefore, nonce));
        _useAuthorization(from, nonce, intent, v, r, s);
        _transfer(from, to, value);
    }

    function _useAuthorization(address from, bytes32 nonce, bytes32 intent, uint8 v, bytes32 r, bytes32 s) private {
        if (authorizationState[from][nonce]) revert ERC3009_Used(from, nonce);
        authorizationState[from][nonce] = true;
        (address signer, , ) = ECDSA.tryRecover(_hashTypedDataV4(intent), v, r, s);
        if (signer != from) revert ERC3009_ForeignSigner(from, signer);
        emit AuthorizationUsed(from, nonce);
    }
}
