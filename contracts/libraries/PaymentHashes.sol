// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BuyIntent, SessionOrder} from "../types/PaymentTypes.sol";

/// @title Struct hashes of what payers sign; the types are those of packages/protocol/src/eip712.ts.
/// @dev They stand as witness in a Permit2 transfer or as nonce of an ERC-3009 authorisation, whose domains bind chain and
/// verifier, and whose spender or recipient is the market.
library PaymentHashes {
    string private constant BUY_INTENT =
        "BuyIntent(uint256 serviceId,uint128 credits,uint128 maxCost,address recipient,uint64 deadline,uint256 nonce)";
    string private constant SESSION_INTENT =
        "SessionIntent(uint256 serviceId,bytes32 offerDigest,uint128 credits,address sessionKey,uint128 maxCost,uint128 minValue,uint64 deadline,uint256 nonce)";
    string private constant TOKEN_PERMISSIONS = "TokenPermissions(address token,uint256 amount)";

    bytes32 internal constant BUY_INTENT_TYPEHASH = keccak256(bytes(BUY_INTENT));
    bytes32 internal constant SESSION_INTENT_TYPEHASH = keccak256(bytes(SESSION_INTENT));

    function structHash(BuyIntent calldata intent) internal pure returns (bytes32) {
        return keccak256(abi.encode(BUY_INTENT_TYPEHASH, intent));
    }

    function sessionIntentHash(
        uint256 serviceId,
        bytes32 offerDigest,
        SessionOrder calldata order
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(SESSION_INTENT_TYPEHASH, serviceId, offerDigest, order));
    }

    /// @dev What follows `PermitWitnessTransferFrom(…,` in the type that Permit2 hashes.
    function buyWitnessType() internal pure returns (string memory) {
        return string.concat("BuyIntent witness)", BUY_INTENT, TOKEN_PERMISSIONS);
    }

    function sessionWitnessType() internal pure returns (string memory) {
        return string.concat("SessionIntent witness)", SESSION_INTENT, TOKEN_PERMISSIONS);
    }
}
