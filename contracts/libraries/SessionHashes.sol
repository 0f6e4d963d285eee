// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Offer, SessionParams, SessionState} from "../types/SessionTypes.sol";

/// @title Hashes that name and sign sessions; the types are those of packages/protocol/src/eip712.ts.
library SessionHashes {
    bytes32 internal constant OFFER_TYPEHASH = keccak256(
        "Offer(uint256 serviceId,address provider,address buyer,uint128 minCredits,uint128 maxCredits,uint128 minValuePerCredit,uint128 bondPerCredit,uint32 demandMaxInputBytes,uint32 demandWindow,uint128 demandDeposit,uint64 expiry,uint256 nonce)"
    );
    bytes32 internal constant STATE_TYPEHASH = keccak256(
        "SessionState(bytes32 sessionId,uint64 seq,uint128 creditsUsed,uint64 invocations,uint64 breaches,bytes32 receiptsRoot,bool isFinal)"
    );

    function structHash(Offer calldata offer) internal pure returns (bytes32) {
        return keccak256(abi.encode(OFFER_TYPEHASH, offer));
    }

    function structHash(SessionState calldata state) internal pure returns (bytes32) {
        return keccak256(abi.encode(STATE_TYPEHASH, state));
    }

    function sessionId(SessionParams memory params) internal pure returns (bytes32) {
        return keccak256(abi.encode(params));
    }
}
