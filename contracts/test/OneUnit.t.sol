// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../libraries/Errors.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {CurvePoints, ServiceParams} from "../types/ServiceTypes.sol";
import {Offer, SessionParams, SessionState, SettleItem} from "../types/SessionTypes.sol";
import {FaultFixture} from "./FaultFixture.sol";
import {vm} from "./Vm.sol";

/// @title A single base unit, and a single signature: the least that can be there, which is not nothing.
contract OneUnitTest is FaultFixture {
    /// @dev One base unit a credit, however many; no rebate, so that what was earned is certain.
    function openOfThree() private returns (SessionParams memory params, bytes32 sessionId) {
        ServiceParams memory service = defaultService();
        service.curve = CurvePoints(1e24, 2e24, 3e24, 1e18, 1e18, 1e18, 1e18);
        service.sla.rebateBps = 0;
        uint256 cheap = createService(service);
        vm.prank(owner);
        registry.enrol(cheap);
        buy(BUYER, cheap, 3 * CREDIT);
        params = openSession(BUYER, makeOffer(cheap, owner), OPERATOR, uint128(3 * CREDIT), SESSION_KEY);
        sessionId = SessionHashes.sessionId(params);
        assertEq(params.value, 3, "value");
    }

    function test_AUnitIsCollectedAUnitIsPaidAndAUnitIsRefunded() public {
        (SessionParams memory params, bytes32 sessionId) = openOfThree();
        assertEq(collect(params, state(sessionId, 1, CREDIT)), 1, "collected");
        assertEq(claim(owner), 1, "provider's first unit");
        close(params, finalState(sessionId, 2, 2 * CREDIT));
        assertEq(claim(owner), 2, "provider's second unit");
        assertEq(claim(BUYER), 1, "buyer's unit");
        assertEq(claim(address(escrow)), 0, "escrow");
    }

    /// A bond of one unit of stake is locked and comes back.
    function test_ABondOfOneUnitIsLockedAndReleased() public {
        ServiceParams memory service = defaultService();
        service.minBondPerCredit = 0;
        uint256 trusting = createService(service);
        vm.prank(owner);
        registry.enrol(trusting);
        buy(BUYER, trusting, CREDIT);
        Offer memory offer = makeOffer(trusting, owner);
        offer.bondPerCredit = 1;
        SessionParams memory params = openSession(BUYER, offer, OPERATOR, uint128(CREDIT), SESSION_KEY);
        assertEq(staking.getProvider(owner).bonded, 1, "locked");
        close(params, finalState(SessionHashes.sessionId(params), 1, CREDIT));
        assertEq(staking.getProvider(owner).bonded, 0, "released");
    }

    /// Only without any signature is an item a wish to finish: one signature is one too few for anything.
    function test_AnItemWithOneSignatureIsSkipped() public {
        (SessionParams memory params, bytes32 sessionId) = openOfThree();
        SessionState memory s = state(sessionId, 4, CREDIT);
        startClosing(BUYER, params, s);
        vm.warp(block.timestamp + CHALLENGE_PERIOD);
        SettleItem[] memory items = new SettleItem[](1);
        items[0] = SettleItem(params, s, signState(OPERATOR, s), "");
        assertEq(escrow.settleMany(items), 0, "settled by the operator's signature");
        items[0] = SettleItem(params, s, "", signState(SESSION_KEY, s));
        assertEq(escrow.settleMany(items), 0, "settled by the session key's signature");
        items[0] = SettleItem(params, s, "", "");
        assertEq(escrow.settleMany(items), 1, "not finished");
    }

    /// A final state settles; it is no reply in a closing.
    function test_AFinalStateIsNoChallenge() public {
        (SessionParams memory params, bytes32 sessionId) = openOfThree();
        startClosingWithNone(BUYER, params);
        SessionState memory s = finalState(sessionId, 3, CREDIT);
        (bytes memory a, bytes memory b) = (signState(OPERATOR, s), signState(SESSION_KEY, s));
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_Final.selector, 3));
        vm.prank(owner);
        escrow.challenge(params, s, a, b);
    }
}
