// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SessionHashes} from "../libraries/SessionHashes.sol";
import {SessionParams, SessionState, SessionStatus} from "../types/SessionTypes.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @title A service with one provider and one buyer, and how they open, co-sign and close.
abstract contract EscrowFixture is Fixture {
    uint256 internal constant OPERATOR = 0xA11CE;
    uint256 internal constant SESSION_KEY = 0x5E55;
    uint256 internal constant STAKE = 100_000e18;
    address internal constant BUYER = address(0xB0B);
    address internal constant WATCHTOWER = address(0x3A7C);
    uint256 internal id;
    address internal owner;

    function setUp() public virtual {
        prepare();
    }

    function prepare() internal {
        deploySystem();
        id = createService(defaultService());
        owner = startProvider(OPERATOR, id, STAKE);
        buy(BUYER, id, 10_000 * CREDIT);
    }

    function open(uint256 credits) internal returns (SessionParams memory params, bytes32 sessionId) {
        params = openSession(BUYER, makeOffer(id, owner), OPERATOR, uint128(credits), SESSION_KEY);
        sessionId = SessionHashes.sessionId(params);
    }

    function state(bytes32 sessionId, uint64 seq, uint256 used) internal pure returns (SessionState memory s) {
        s.sessionId = sessionId;
        s.seq = seq;
        s.creditsUsed = uint128(used);
        s.invocations = 100;
        s.receiptsRoot = keccak256(abi.encode(seq));
    }

    function finalState(bytes32 sessionId, uint64 seq, uint256 used) internal pure returns (SessionState memory s) {
        s = state(sessionId, seq, used);
        s.isFinal = true;
    }

    function close(SessionParams memory params, SessionState memory s) internal {
        escrow.close(params, s, signState(OPERATOR, s), signState(SESSION_KEY, s));
    }

    function collect(SessionParams memory params, SessionState memory s) internal returns (uint256) {
        return escrow.collect(params, s, signState(OPERATOR, s), signState(SESSION_KEY, s));
    }

    function challenge(address by, SessionParams memory params, SessionState memory s) internal {
        (bytes memory a, bytes memory b) = (signState(OPERATOR, s), signState(SESSION_KEY, s));
        vm.prank(by);
        escrow.challenge(params, s, a, b);
    }

    function startClosing(address by, SessionParams memory params, SessionState memory s) internal {
        (bytes memory a, bytes memory b) = (signState(OPERATOR, s), signState(SESSION_KEY, s));
        vm.prank(by);
        escrow.startClosing(params, s, a, b);
    }

    function startClosingWithNone(address by, SessionParams memory params) internal {
        SessionState memory none;
        vm.prank(by);
        escrow.startClosing(params, none, "", "");
    }

    function claim(address account) internal view returns (uint256) {
        return market.claimOf(address(usd), account);
    }

    function deadlineOf(bytes32 sessionId) internal view returns (uint256) {
        return escrow.getSession(sessionId).deadline;
    }

    function assertStatus(bytes32 sessionId, SessionStatus expected) internal view {
        assertEq(uint8(escrow.getSession(sessionId).status), uint8(expected), "status");
    }
}
