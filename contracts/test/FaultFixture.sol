// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ExecutionHash} from "../libraries/ExecutionHash.sol";
import {ReceiptProof} from "../libraries/ReceiptProof.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {Demand, Execution, Output, Testimony} from "../types/FaultTypes.sol";
import {DemandAnswer, DemandRefusal, Offer, SessionParams, SessionState} from "../types/SessionTypes.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {vm} from "./Vm.sol";

/// @title Sessions whose offers consent to demands, and people who demand, answer and contradict themselves.
abstract contract FaultFixture is EscrowFixture {
    uint128 internal constant DEPOSIT = 1_000_001;
    uint32 internal constant WINDOW = 30 minutes;
    uint32 internal constant MAX_INPUT = 64;
    uint256 private _executions;

    // ---- demands ----

    function openDemandable(uint256 credits) internal returns (SessionParams memory params, bytes32 sessionId) {
        Offer memory offer = makeOffer(id, owner);
        (offer.demandMaxInputBytes, offer.demandWindow, offer.demandDeposit) = (MAX_INPUT, WINDOW, DEPOSIT);
        params = openSession(BUYER, offer, OPERATOR, uint128(credits), SESSION_KEY);
        sessionId = SessionHashes.sessionId(params);
    }

    function anExecution() internal returns (Execution memory execution) {
        execution.wasiVersion = 1;
        execution.shape = 1;
        execution.input = abi.encode(++_executions);
        execution.outputBytes = 1_000;
    }

    /// @dev The buyer demands, with money of its own for the deposit.
    function makeDemand(SessionParams memory params) internal returns (bytes32 demandId) {
        fund(BUYER, params.demandDeposit);
        SessionState memory none;
        Execution memory execution = anExecution();
        vm.prank(BUYER);
        return court.demand(params, none, execution);
    }

    function outputOf(bytes memory bytes_) internal pure returns (Output memory output) {
        output.output = bytes_;
    }

    function answerFor(bytes32 sessionId, Output memory output) internal view returns (DemandAnswer memory answer) {
        Demand memory asked = court.demandOf(sessionId);
        answer.demandId = court.demandIdOf(sessionId, asked.executionHash, asked.nonce);
        answer.executionHash = asked.executionHash;
        answer.outputHash = this.hashOf(output);
        answer.bitOps = 7;
    }

    function refusalFor(bytes32 sessionId) internal view returns (DemandRefusal memory refusal) {
        Demand memory asked = court.demandOf(sessionId);
        refusal.demandId = court.demandIdOf(sessionId, asked.executionHash, asked.nonce);
        refusal.reason = 4;
    }

    function hashOf(Output calldata output) external pure returns (bytes32) {
        return ExecutionHash.hash(output);
    }

    function signAnswer(uint256 key, DemandAnswer memory answer) internal view returns (bytes memory) {
        return sign(key, digestFor(address(escrow), this.structHashOfAnswer(answer)));
    }

    function signRefusal(uint256 key, DemandRefusal memory refusal) internal view returns (bytes memory) {
        return sign(key, digestFor(address(escrow), this.structHashOfRefusal(refusal)));
    }

    function structHashOfAnswer(DemandAnswer calldata answer) external pure returns (bytes32) {
        return SessionHashes.structHash(answer);
    }

    function structHashOfRefusal(DemandRefusal calldata refusal) external pure returns (bytes32) {
        return SessionHashes.structHash(refusal);
    }

    // ---- testimonies ----

    /// @dev Encoding of packages/protocol/src/receipt.ts.
    function receipt(
        bytes32 executionHash,
        bytes32 outputHash,
        uint8 status,
        uint64 bitOps,
        uint64 floatOps
    ) internal pure returns (bytes memory) {
        bytes memory work = abi.encodePacked(bitOps, floatOps, uint64(9), uint32(8), uint32(7), uint32(6), uint8(0));
        return abi.encodePacked(uint8(1), executionHash, outputHash, status, uint8(0), work);
    }

    /// @dev The second of two receipts under a state that the operator alone signed.
    function testify(
        SessionParams memory params,
        uint256 operatorKey,
        bytes memory encoded
    ) internal view returns (Testimony memory testimony) {
        bytes32 first = sha256("another leaf");
        bytes32 tree = sha256(abi.encodePacked(uint8(1), first, ReceiptProof.leafOf(encoded)));
        testimony.params = params;
        testimony.state = state(SessionHashes.sessionId(params), 1, CREDIT);
        testimony.state.receiptsRoot = sha256(abi.encodePacked(uint8(2), uint64(2), tree));
        testimony.operatorSig = signState(operatorKey, testimony.state);
        (testimony.size, testimony.index) = (2, 1);
        testimony.receipt = encoded;
        testimony.path = new bytes32[](1);
        testimony.path[0] = first;
    }

    /// @dev Two testimonies of the same operator that differ in their output.
    function contradict(
        SessionParams memory first,
        SessionParams memory second
    ) internal view returns (Testimony memory, Testimony memory) {
        return (
            testify(first, OPERATOR, receipt(keccak256("run"), keccak256("heads"), 0, 5, 6)),
            testify(second, OPERATOR, receipt(keccak256("run"), keccak256("tails"), 0, 5, 6))
        );
    }

    /// @dev From the escrow's claim, which holds more than any test gives away.
    function giveClaim(address account, uint256 amount) internal {
        vm.prank(address(escrow));
        market.transferClaim(address(usd), account, amount);
    }

    function staked() internal view returns (uint256) {
        return staking.getProvider(owner).staked;
    }
}
