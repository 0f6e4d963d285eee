// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The part of ERC-3009 that the market uses: a signed transfer that only its recipient can bring.
interface IERC3009 {
    /// @param validAfter exclusive @param validBefore exclusive
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
    ) external;
}
