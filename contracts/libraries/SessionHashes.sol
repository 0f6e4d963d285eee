// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DemandAnswer, DemandRefusal, Offer, SessionParams, SessionState} from "../types/SessionTypes.sol";

/// @title Hashes that name and sign sessions; the types are those of packages/protocol/src/eip712.ts.
library SessionHashes {
    bytes32 internal constant OFFER_TYPEHASH = keccak256(
        "Offer(uint256 serviceId,address provider,address buyer,uint128 minCredits,uint128 maxCredits,uint128 minValuePerCredit,uint128 bondPerCredit,uint32 demandMaxInputBytes,uint32 demandWindow,uint128 demandDeposit,uint64 expiry,uint256 nonce)"
    );
    bytes32 internal constant STATE_TYPEHASH = keccak256(
        "SessionState(bytes32 sessionId,uint64 seq,uint128 creditsUsed,uint64 invocations,uint64 breaches,bytes32 receiptsRoot,bool isFinal)"
    );

    bytes32 internal constant DEMAND_ANSWER_TYPEHASH = keccak256(
        "DemandAnswer(bytes32 demandId,bytes32 executionHash,bytes32 outputHash,uint8 status,uint64 bitOps,uint64 floatOps)"
    );
    bytes32 internal constant DEMAND_REFUSAL_TYPEHASH = keccak256("DemandRefusal(bytes32 demandId,uint8 reason)");

    function structHash(Offer calldata offer) internal pure returns (bytes32) {
        return keccak256(abi.encode(OFFER_TYPEHASH, offer));
    }

    function structHash(SessionState calldata state) internal pure returns (bytes32) {
        return keccak256(abi.encode(STATE_TYPEHASH, state));
    }

    function structHash(DemandAnswer calldata answer) internal pure returns (bytes32) {
        return keccak256(abi.encode(DEMAND_ANSWER_TYPEHASH, answer));
    }

    function structHash(DemandRefusal calldata refusal) internal pure returns (bytes32) {
        return keccak256(abi.encode(DEMAND_REFUSAL_TYPEHASH, refusal));
    }

    /// @notice Id that parameters in calldata hash to. Dirty bits give the id of no session.
    /// @dev keccak256(abi.encode(params)): the encoding of a static struct is what stands in the calldata.
    function idOf(SessionParams calldata params) internal pure returns (bytes32 id) {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            calldatacopy(pointer, params, 576)
            id := keccak256(pointer, 576)
        }
    }

    function sessionId(SessionParams memory params) internal pure returns (bytes32) {
        return keccak256(abi.encode(params));
    }
}
