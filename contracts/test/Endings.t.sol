// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../libraries/Errors.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {Offer, SessionParams, SessionState, SettleItem} from "../types/SessionTypes.sol";
import {FaultFixture} from "./FaultFixture.sol";
import {vm} from "./Vm.sol";

/// @title Dust, debt and time: endings that must be like any other.
contract EndingsTest is FaultFixture {
    /// @dev Credits that were worth one base unit when they were redeemed.
    function openDust() private returns (SessionParams memory params, bytes32 sessionId) {
        uint256 low = 1;
        while (market.quoteSell(id, low) == 0) low *= 2;
        Offer memory offer = makeOffer(id, owner);
        (offer.demandMaxInputBytes, offer.demandWindow, offer.demandDeposit) = (MAX_INPUT, WINDOW, 1);
        params = openSession(BUYER, offer, OPERATOR, uint128(low), SESSION_KEY);
        sessionId = SessionHashes.sessionId(params);
        assertTrue(params.value >= 1 && params.value < 3, "not dust");
    }

    function testFuzz_DustIsPaidToTheUnitLikeAnyValue(uint128 used, uint64 invocations, uint64 breaches) public {
        (SessionParams memory params, bytes32 sessionId) = openDust();
        SessionState memory s = finalState(sessionId, 1, used);
        (s.invocations, s.breaches) = (invocations, breaches);
        close(params, s);
        assertEq(claim(owner) + claim(BUYER), params.value, "shares");
        assertEq(claim(address(escrow)), 0, "left over");
    }

    /// A deposit of one unit is the provider's whole, refused or answered; nothing is left in the court.
    function test_ADustDepositIsNeverBurnt() public {
        (SessionParams memory params, bytes32 sessionId) = openDust();
        makeDemand(params);
        court.refuseDemand(params, refusalFor(sessionId), signRefusal(OPERATOR, refusalFor(sessionId)));
        assertEq(claim(owner), 1, "provider");
        assertEq(claim(address(court)), 0, "court");
    }

    /// A provider whose stake was slashed away owes stake, and nothing that is owed in money waits for it.
    function test_AnIndebtedProvidersSessionsPayOutInFull() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        vm.prank(address(escrow));
        staking.slash(owner, 10 * STAKE, WATCHTOWER);
        SessionState memory s = finalState(sessionId, 1, 100 * CREDIT);
        (s.invocations, s.breaches) = (1_000, 1_000);
        close(params, s);
        assertEq(claim(owner) + claim(BUYER), params.value, "shares");
        assertEq(staking.getProvider(owner).bonded, 0, "bonded");
    }

    /// Nor is a demand on it stuck: what can't be slashed now is remembered.
    function test_AnIndebtedProvidersSilenceEndsTheSessionToo() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        vm.prank(address(escrow));
        staking.slash(owner, STAKE, WATCHTOWER);
        makeDemand(params);
        vm.warp(block.timestamp + WINDOW);
        court.expireDemand(params);
        vm.warp(deadlineOf(sessionId));
        SessionState memory none;
        escrow.finish(params, none);
        assertEq(claim(BUYER), params.value + DEPOSIT, "buyer");
    }

    /// Collected more than a later state pays: what was paid stays paid, and the rest still adds up.
    function testFuzz_ACollectedClaimIsNeverTakenBack(uint128 first, uint128 last, uint64 breaches) public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        uint256 collected = collect(params, state(sessionId, 1, first));
        SessionState memory s = finalState(sessionId, 2, last);
        s.breaches = breaches;
        close(params, s);
        assertTrue(claim(owner) >= collected, "taken back");
        assertEq(claim(owner) + claim(BUYER), params.value, "shares");
    }

    /// Sessions don't expire: ten years later they close, pay and cost the same.
    function test_ClosingCostsTheSameHoweverLongASessionIdled() public {
        uint256[3] memory gasUsed;
        SessionParams[4] memory sessions;
        for (uint256 i = 0; i < 4; ++i) (sessions[i], ) = open(100 * CREDIT);
        for (uint256 i = 0; i < 4; ++i) {
            if (i == 3) vm.warp(block.timestamp + 3_650 days);
            SessionState memory s = finalState(SessionHashes.sessionId(sessions[i]), 1, 50 * CREDIT);
            SettleItem[] memory items = new SettleItem[](1);
            items[0] = SettleItem(sessions[i], s, signState(OPERATOR, s), signState(SESSION_KEY, s));
            uint256 before = gasleft();
            assertEq(escrow.settleMany(items), 1, "settled");
            // The first one's storage is cold.
            if (i > 0) gasUsed[i - 1] = before - gasleft();
        }
        // Signatures differ by a few zero bytes.
        assertAtMost(gasUsed[2], gasUsed[1] + 500, "gas after ten years");
        assertAtMost(gasUsed[1], gasUsed[2] + 500, "gas before");
    }

    /// An offer expires to the second, a session never.
    function test_AnOfferExpiresToTheSecondAndASessionNever() public {
        Offer memory offer = makeOffer(id, owner);
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        uint256 expiry = offer.expiry;
        vm.warp(expiry + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_OfferExpired.selector, expiry, expiry + 1));
        vm.prank(BUYER);
        escrow.open(offer, signature, uint128(CREDIT), vm.addr(SESSION_KEY), 1, block.timestamp);
        vm.warp(expiry);
        vm.prank(BUYER);
        bytes32 sessionId = escrow.open(offer, signature, uint128(CREDIT), vm.addr(SESSION_KEY), 1, block.timestamp);
        vm.warp(expiry + 36_500 days);
        assertEq(uint8(escrow.getSession(sessionId).status), 1, "status");
    }
}
